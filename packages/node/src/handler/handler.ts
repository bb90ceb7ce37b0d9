import { directoryDigest, type NodeList } from '@sotto/directory';
import { compareNodeRecords, encodeNodeRecords, type NodeRecord } from '@sotto/wire/nodes';
import {
  type BatchRequest,
  checkRequest,
  conditionHolds,
  type DirectoryRequest,
  type GetExpiriesRequest,
  type IfElseRequest,
  isSwarmRequest,
  type OxendRequest,
  type PlainRequest,
  parseForwardedRequest,
  parseRequest,
  type ReplyValue,
  type RequestParams,
  type RetrieveRequest,
  type RevokedSubaccountsRequest,
  RpcFailure,
  type StorageRequest,
  type SwarmRequest,
  TEST_NAMESPACE,
  toJson,
} from '@sotto/wire/rpc';
import { NO_SWARM } from '@sotto/wire/swarm';
import type { Membership } from '../membership/membership.ts';
import type { PeerLink } from '../peers.ts';
import { type MessageStore, type StoredMessage, StoreFailure } from '../store/message-store.ts';
import { PeerPace } from '../swarm/peer-pace.ts';
import type { SwarmView } from '../swarm/swarm-view.ts';
import type { Caller } from '../waiting/caller.ts';
import { hasNothing, waitOf } from '../waiting/waiting-request.ts';
import type { WaitingRoom } from '../waiting/waiting-room.ts';
import { expiriesOf } from './long-lists.ts';
import { Mailbox } from './mailbox.ts';
import { RetrieveBudget, retrieveLimits } from './retrieve-limits.ts';
import { failure, type ReplyObject, type RpcReply, success } from './rpc-reply.ts';
import { swarmObject } from './swarm-object.ts';
import { runOnSwarm } from './swarm-request.ts';

/** What a node says of itself. */
interface NodeIdentity {
  readonly version: readonly [number, number, number];
  /** Hard fork and its revision, `hf` of answers. */
  hardFork(): readonly [number, number];
  /** What `info` announces beyond what every node does (waiting §2). */
  readonly features: readonly string[];
  /** Height of the chain, or what stands for it. */
  height(): number;
}

/** What the handler of requests needs; nothing of it is a transport. */
export interface HandlerOptions {
  readonly store: MessageStore;
  readonly swarms: SwarmView;
  readonly peers: PeerLink;
  readonly waiting: WaitingRoom;
  readonly ed25519Key: Uint8Array;
  readonly secretKey: Uint8Array;
  readonly identity: NodeIdentity;
  /** The signed directory as it was accepted; `null` before the first one. */
  readonly directory: () => Uint8Array | null;
  /** Answers questions about the chain; never rejects. */
  readonly askChain: Membership['ask'];
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Told when the database fails. */
  readonly onStoreFailure: (failure: StoreFailure) => void;
  /** Told of every message that a client, or another member for one, stored as new. */
  readonly onStored: (message: StoredMessage) => void;
  /** Told of every request of a client that passed its checks. */
  readonly onRequest: (method: StorageRequest['method']) => void;
  /** Told of members of the swarm that missed a request; `params` is what was sent to them. */
  readonly onMissed: (peer: NodeRecord, request: SwarmRequest, params: Uint8Array) => Promise<void>;
  /** Told when something fails that should not. */
  readonly onUnexpected: (error: unknown) => void;
}

const OVERHEAD_BYTES = 143;

/** Answers storage requests (storage-rpc §8, §9), wherever they come from. Never rejects. */
export class StorageHandler {
  readonly #options: HandlerOptions;
  readonly #mailbox: Mailbox;
  readonly #pace = new PeerPace();

  constructor(options: HandlerOptions) {
    this.#options = options;
    const { store, secretKey, now, onStoreFailure, onStored } = options;
    this.#mailbox = new Mailbox({ store, secretKey, now, onFailure: onStoreFailure, onStored });
  }

  /** Answers a client, once there is something to say if it is willing to wait. */
  handle(method: string, params: RequestParams, caller: Caller): Promise<RpcReply> {
    return this.#guarded(() => this.#answer(parseRequest(method, params), caller));
  }

  /** Does what a client asked another member of the swarm for; `params` is a bencoded dict (storage-rpc §2.5). */
  handleForwarded(method: string, params: Uint8Array): Promise<RpcReply> {
    return this.#guarded(async () => {
      const request = parseForwardedRequest(method, params);
      const refusal = this.#refuse(request, this.#options.now(), true);
      return refusal ?? success(await this.#mailbox.execute(request));
    });
  }

  /** Times are checked against the moment of the request's arrival, however long it waits. */
  async #answer(request: StorageRequest, caller: Caller): Promise<RpcReply> {
    const arrival = this.#options.now();
    const wait = waitOf(request);
    // Let in before the first look, or what comes right after it would be missed.
    const waiter = wait && this.#options.waiting.enter(wait.retrieves, wait.ms, caller);
    if (!waiter) return this.#run(request, arrival, null);
    try {
      for (;;) {
        const { isOver } = waiter;
        const reply = await this.#run(request, arrival, null);
        if (isOver || !hasNothing(reply)) return reply;
        await waiter.arrival();
      }
    } finally {
      waiter.leave();
    }
  }

  async #guarded(work: () => Promise<RpcReply>): Promise<RpcReply> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RpcFailure) return failure(error.status, error.text);
      if (error instanceof StoreFailure) {
        this.#options.onStoreFailure(error);
        return failure(500, 'query_failure');
      }
      this.#options.onUnexpected(error);
      return failure(500, 'request failed');
    }
  }

  async #run(request: StorageRequest, arrival: number, budget: RetrieveBudget | null): Promise<RpcReply> {
    switch (request.method) {
      case 'batch':
      case 'sequence':
        return this.#batch(request, arrival);
      case 'ifelse':
        return this.#ifElse(request, arrival);
      case 'info': {
        const { now, identity } = this.#options;
        const t = now();
        const { version, hardFork, features } = identity;
        return success({ version, timestamp: t, features: announced(features), t, hf: hardFork() });
      }
      case 'get_swarm':
        return this.#swarmOf(request.account);
      case 'oxend_request':
        return this.#oxend(request);
      case 'active_nodes_bin':
        return { status: 200, body: activeNodes(this.#options.swarms.list()) };
      case 'directory':
        return this.#directory(request);
      default:
        return this.#onMailbox(request, arrival, budget);
    }
  }

  async #onMailbox(request: MailboxRequest, arrival: number, budget: RetrieveBudget | null): Promise<RpcReply> {
    const refusal = this.#refuse(request, arrival, false);
    if (refusal) return refusal;
    this.#options.onRequest(request.method);
    if (isSwarmRequest(request)) return this.#onSwarm(request);
    const { store } = this.#options;
    switch (request.method) {
      case 'retrieve':
        return this.#retrieve(request, budget);
      case 'get_expiries':
        return success({ expiries: Object.fromEntries(await expiriesOf(store, request.account, request.messages)) });
      case 'revoked_subaccounts':
        return success({ revoked_subaccounts: store.revoked(request.account), ...this.#timeAndFork() });
    }
  }

  /** 421 or whatever check fails first; `null` if the request may be executed. */
  #refuse(request: MailboxRequest, arrival: number, forwarded: boolean): RpcReply | null {
    const { store, swarms } = this.#options;
    const swarm = swarms.swarmOf(request.account);
    if (!swarm) return failure(500, 'No swarms known!');
    if (swarm.id !== swarms.own()?.id) {
      return { status: 421, body: { ...swarmObject(swarm), pubkey: request.accountId, ...this.#timeAndFork() } };
    }
    if (isEmptyTestRetrieve(request)) return null;
    const refusal = checkRequest(request, {
      now: arrival,
      forwarded,
      isRevoked: (token) => store.isRevoked(request.account, token),
    });
    return refusal && failure(refusal.status, refusal.text);
  }

  async #onSwarm(request: SwarmRequest): Promise<RpcReply> {
    const { swarms, peers, ed25519Key, onMissed } = this.#options;
    const reply = await runOnSwarm(request, () => this.#executeAsEntry(request), {
      peers: swarms.peers(),
      link: peers,
      ownKey: ed25519Key,
      pace: this.#pace,
      onMissed,
    });
    return { status: reply.status, body: { ...reply.body, ...this.#timeAndFork() } };
  }

  async #executeAsEntry(request: SwarmRequest): Promise<ReplyObject> {
    const t = this.#options.now();
    const result = await this.#mailbox.execute(request);
    return request.method === 'store' ? { ...result, t } : result;
  }

  #retrieve(request: RetrieveRequest, budget: RetrieveBudget | null): RpcReply {
    if (isEmptyTestRetrieve(request)) return success({ messages: [], more: false, ...this.#timeAndFork() });
    const { maxCount, maxSize } = retrieveLimits(request);
    const { messages, more } = this.#options.store.retrieve(request.account, request.namespace, {
      after: request.lastHash ?? undefined,
      maxCount,
      maxSize: budget?.limit(maxSize) ?? maxSize,
    });
    for (const { data } of messages) budget?.spend(OVERHEAD_BYTES + (4 * data.length) / 3);
    return success({
      messages: messages.map(({ hash, timestamp, expiry, data }) => ({ hash, timestamp, expiration: expiry, data })),
      more,
      ...this.#timeAndFork(),
    });
  }

  #swarmOf(account: Uint8Array): RpcReply {
    const swarm = this.#options.swarms.swarmOf(account);
    if (!swarm) return failure(500, 'No swarms known!');
    return success({ ...swarmObject(swarm), ...this.#timeAndFork() });
  }

  async #oxend({ endpoint, params }: OxendRequest): Promise<RpcReply> {
    const answer = await this.#options.askChain(endpoint, params);
    if (answer.kind === 'refused') return failure(answer.status, answer.text);
    // Its swarm ids are bigints, which the type of answers does not have; both forms write them exactly.
    return success({ result: answer.result as ReplyValue, ...this.#timeAndFork() });
  }

  /** The signed directory for whoever does not have it (directory §6). */
  #directory({ known }: DirectoryRequest): RpcReply {
    const bytes = this.#options.directory();
    if (!bytes) return failure(503, 'No directory yet');
    const isKnown = known !== null && known === directoryDigest(bytes);
    return { status: 200, body: isKnown ? new Uint8Array() : bytes };
  }

  async #batch({ method, requests }: BatchRequest, arrival: number): Promise<RpcReply> {
    const budget = new RetrieveBudget(requests.filter((request) => request.method === 'retrieve').length);
    const run = async (request: PlainRequest) =>
      subResult(await this.#guarded(() => this.#run(request, arrival, budget)));
    if (method === 'batch') return success({ results: await Promise.all(requests.map(run)) });
    const results: SubResult[] = [];
    for (const request of requests) {
      const result = await run(request);
      results.push(result);
      if (result.code < 200 || result.code > 299) break;
    }
    return success({ results });
  }

  async #ifElse(request: IfElseRequest, arrival: number): Promise<RpcReply> {
    const { identity } = this.#options;
    const { version } = identity;
    const state = { hf: identity.hardFork(), version, height: identity.height() };
    const condition = conditionHolds(request.condition, state);
    const branch = condition ? request.whenTrue : request.whenFalse;
    const result = branch ? subResult(await this.#guarded(() => this.#run(branch, arrival, null))) : undefined;
    return success({ hf: state.hf, v: version, height: state.height, condition, result });
  }

  #timeAndFork(): { t: number; hf: readonly [number, number] } {
    return { t: this.#options.now(), hf: this.#options.identity.hardFork() };
  }
}

/** Left out if there is nothing: then the answer is that of every node. */
function announced(features: readonly string[]): readonly string[] | undefined {
  return features.length > 0 ? features : undefined;
}

type MailboxRequest = SwarmRequest | RetrieveRequest | GetExpiriesRequest | RevokedSubaccountsRequest;

/** Results inside of others have the JSON form of bytes also in bencode (storage-rpc §2.3). */
type SubResult = { readonly code: number; readonly body: ReplyValue };

function subResult({ status, body }: RpcReply): SubResult {
  return { code: status, body: toJson(body) };
}

/** The test namespace is empty for everybody (storage-rpc §5). */
function isEmptyTestRetrieve(request: MailboxRequest): boolean {
  return request.method === 'retrieve' && request.namespace === TEST_NAMESPACE;
}

/** The 51-byte records of all nodes in swarms (storage-rpc §8.14), encoded once a list. */
function activeNodes(list: NodeList | null): Uint8Array {
  if (!list) return new Uint8Array();
  let bytes = encodedLists.get(list);
  if (!bytes) {
    bytes = encodeNodeRecords(list.nodes.filter(({ swarmId }) => swarmId !== NO_SWARM).sort(compareNodeRecords));
    encodedLists.set(list, bytes);
  }
  return bytes;
}

const encodedLists = new WeakMap<NodeList, Uint8Array>();
