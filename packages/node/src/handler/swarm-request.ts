import { WireError } from '@sotto/wire';
import { bytesToHex } from '@sotto/wire/bytes';
import { isContactable, type NodeRecord } from '@sotto/wire/nodes';
import { forwardedParams, parseMemberReply, type SwarmRequest } from '@sotto/wire/rpc';
import type { PeerLink } from '../peers.ts';
import type { PeerPace } from '../swarm/peer-pace.ts';
import type { ReplyObject } from './rpc-reply.ts';

/** How long the members of the swarm have to answer, ms (storage-rpc §2.5). */
const FORWARD_TIMEOUT_MS = 5_000;

/** What running a request on the whole swarm needs. */
export interface SwarmRequestOptions {
  readonly peers: readonly NodeRecord[];
  readonly link: PeerLink;
  readonly ownKey: Uint8Array;
  readonly pace: PeerPace;
  /** Told of members that missed the request; `params` is what was sent to them. */
  readonly onMissed: (peer: NodeRecord, request: SwarmRequest, params: Uint8Array) => Promise<void>;
}

/** The combined answer, without `t` and `hf`. */
export interface SwarmReply {
  readonly status: number;
  readonly body: ReplyObject;
}

/**
 * Runs a request that passed this node's checks on all members of the swarm at once: on the others by `sn.storage_cc`,
 * here by `local` (storage-rpc §2.5, §2.6). Resolves when all have answered or timed out, or before that when most of
 * those that are there have done it durably and the rest take longer than usual (sync §7). What a member has not
 * answered by then is owed to it.
 */
export async function runOnSwarm(
  request: SwarmRequest,
  local: () => Promise<ReplyObject>,
  options: SwarmRequestOptions,
): Promise<SwarmReply> {
  const params = forwardedParams(request);
  const round = new Round(options);
  round.ask([Buffer.from(request.method), params]);
  const [own] = await Promise.all([local().then((result) => round.executed(result)), round.over]);
  const swarm: Record<string, ReplyObject> = { [bytesToHex(options.ownKey)]: own };
  const others = options.peers.map((peer) => ({ peer, result: round.resultOf(peer) }));
  for (const { peer, result } of others) {
    // Nobody can ask who has no address; it gets the request when it has one (storage-rpc §1).
    if (isContactable(peer)) swarm[bytesToHex(peer.ed25519Key)] = result;
  }
  // Before the client hears of success, or a crash could leave a member without it for good.
  await Promise.all(
    others.filter(({ result }) => isMissed(result)).map(({ peer }) => options.onMissed(peer, request, params)),
  );
  return { status: statusOf(request, Object.values(swarm)), body: { swarm, hash: own.hash } };
}

const UNANSWERED: ReplyObject = { failed: true, timeout: true };

/** One request to all members, and when it is over. */
class Round {
  readonly over: Promise<void>;
  readonly #options: SwarmRequestOptions;
  readonly #end: () => void;
  readonly #results = new Map<NodeRecord, ReplyObject>();
  readonly #started = performance.now();
  /** Durable copies that make waiting for the rest a matter of patience: most of those that answer at all. */
  readonly #enough: number;
  #own: ReplyObject | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: SwarmRequestOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#end = resolve;
    const present = 1 + options.peers.filter((peer) => !options.pace.isSilent(peer)).length;
    this.#enough = Math.floor(present / 2) + 1;
  }

  ask(parts: readonly Uint8Array[]): void {
    const { peers, link, pace } = this.#options;
    for (const peer of peers) {
      void link.request(peer, 'sn.storage_cc', parts, FORWARD_TIMEOUT_MS).then((reply) => {
        if (reply) pace.answered(peer, performance.now() - this.#started);
        else pace.unanswered(peer);
        this.#results.set(peer, memberResult(reply));
        this.#look();
      });
    }
  }

  /** This node has done it. */
  executed(result: ReplyObject): ReplyObject {
    this.#own = result;
    this.#look();
    return result;
  }

  resultOf(peer: NodeRecord): ReplyObject {
    return this.#results.get(peer) ?? UNANSWERED;
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (!this.#own || this.#isOver) return;
    const { peers, pace } = this.#options;
    const waitedFor = peers.filter((peer) => !this.#results.has(peer));
    const durable = [this.#own, ...this.#results.values()].filter(({ failed }) => !failed).length;
    if (waitedFor.length > 0 && durable < this.#enough) return;
    const patience = Math.max(0, ...waitedFor.map((peer) => pace.patience(peer)));
    const left = patience - (performance.now() - this.#started);
    if (waitedFor.length === 0 || left <= 0) this.#give(waitedFor);
    else this.#timer = setTimeout(() => this.#give(waitedFor), left);
  }

  #give(waitedFor: readonly NodeRecord[]): void {
    this.#isOver = true;
    for (const peer of waitedFor) this.#options.pace.outlasted(peer);
    this.#end();
  }
}

/** Refusals that say something about the member (its clock, its node list, its load) and nothing about the request. */
const PASSING_REFUSALS: readonly unknown[] = ['406', '421', '429', '500', '503'];

/** Does this member have to be told later? It was away, its database failed, or it was not up to date. */
function isMissed(result: ReplyObject): boolean {
  const { timeout, query_failure, bad_peer_response, code } = result;
  return Boolean(timeout || query_failure || bad_peer_response) || PASSING_REFUSALS.includes(code);
}

function statusOf(request: SwarmRequest, results: readonly ReplyObject[]): number {
  const succeeded = results.filter((result) => !result.failed);
  if (succeeded.length === 0) return 500;
  const nothingDeleted = succeeded.every(({ deleted }) => Array.isArray(deleted) && deleted.length === 0);
  return request.method === 'delete' && request.required && nothingDeleted ? 404 : 200;
}

/** A peer's reply parts as its member result (node-network §5.4). */
function memberResult(reply: readonly Uint8Array[] | null): ReplyObject {
  if (reply === null) return UNANSWERED;
  const [first, second] = reply;
  if (first && second && reply.length === 2) {
    return { failed: true, code: shortText(first), reason: shortText(second) };
  }
  const result = first && reply.length === 1 ? resultDict(first) : null;
  return result ?? { failed: true, bad_peer_response: true };
}

const MAX_TEXT_BYTES = 500;

function shortText(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, MAX_TEXT_BYTES)).toString('utf8');
}

function resultDict(bytes: Uint8Array): ReplyObject | null {
  try {
    return parseMemberReply(bytes);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
