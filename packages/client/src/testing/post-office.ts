import { WireError } from '@sotto/wire';
import { bytesToBase64, bytesToHex, utf8ToBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair, ed25519Sign } from '@sotto/wire/crypto';
import { WAIT_FEATURE } from '@sotto/wire/rpc';
import type { NetworkInfo, RouteInfo } from '../engine.ts';
import type { MessengerNetwork } from '../messenger/messenger.ts';
import { type SwarmCall, SwarmFailure, type SwarmFailureReason, type SwarmNode } from '../network/swarm-access.ts';
import type { Clock } from '../surroundings.ts';
import { answerRpc, type KeptMessage, type MemberWork, methodOf } from './mailbox-node.ts';
import { MemoryFileServer } from './memory-file-server.ts';

const LATENCY_MS = 30;
const KEYS = [1, 2].map((number) => ed25519KeyPair(new Uint8Array(32).fill(number)));
const NODES: readonly SwarmNode[] = KEYS.map(({ publicKey }) => ({ key: bytesToHex(publicKey) }));

/** What happens to one request. */
export type Fate =
  | 'delivered'
  /** The node does it and its answer is lost. */
  | 'answer-lost'
  | SwarmFailureReason;

/** What connects one device with the office; a test cuts it. */
export class Link {
  #isOpen = true;
  readonly #listeners = new Set<() => void>();

  get isOpen(): boolean {
    return this.#isOpen;
  }

  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The floor below conversations, without a network: every account's swarm is the same two nodes. */
export class PostOffice {
  /** What each node keeps, in its own order. */
  readonly kept: readonly KeptMessage[][] = NODES.map(() => []);
  /** Decides about every request, by its method (`wait` for a retrieve that waits); a test replaces it. */
  fate: (method: string, accountId: string) => Fate = () => 'delivered';
  /** Called after a node has acted and before its answer is read. */
  onActed: () => void = () => {};
  /** Methods of all requests that nodes have seen. */
  readonly seen: string[] = [];
  /** Nodes hold the answers of who waits, and announce it. */
  isWaiting = false;
  /** Places of nodes that do not do what others pass on to them. */
  silentMembers: readonly number[] = [];
  readonly #everybody = new Link();
  #stored = new AbortController();
  /** The one file server; it belongs to everybody. */
  readonly fileServer: MemoryFileServer;
  readonly #clock: Clock;

  constructor(clock: Clock, kept: readonly (readonly KeptMessage[])[] = []) {
    this.#clock = clock;
    this.fileServer = new MemoryFileServer(clock);
    for (const [index, messages] of kept.entries()) this.kept[index]!.push(...messages);
  }

  /** Connects or disconnects everybody. */
  setOpen(isOpen: boolean): void {
    this.#everybody.setOpen(isOpen);
  }

  /** All messages for an account, each once, without what its devices share. */
  mailbox(accountId: string): KeptMessage[] {
    return this.mailboxes().filter((message) => message.accountId === accountId);
  }

  /** All messages for everybody, each once, without what their devices share. */
  mailboxes(): KeptMessage[] {
    return this.#all().filter(({ namespace }) => namespace === 0);
  }

  /** What the devices of an account share in a namespace, each message once. */
  shared(accountId: string, namespace: number): KeptMessage[] {
    return this.#all().filter((message) => message.accountId === accountId && message.namespace === namespace);
  }

  #all(): KeptMessage[] {
    return [...new Map(this.kept.flat().map((message) => [message.hash, message])).values()];
  }

  /** One person's access. */
  access(link = new Link()): MessengerNetwork {
    const isOpen = () => link.isOpen && this.#everybody.isOpen;
    return {
      now: () => this.#clock.now(),
      isConnected: isOpen,
      onConnection: (listener) => {
        const stops = [link.onChange(listener), this.#everybody.onChange(listener)];
        return () => {
          for (const stop of stops) stop();
        };
      },
      members: () => NODES,
      ask: (accountId, node, call, signal) => this.#carry(accountId, node, call, isOpen, signal),
      askApart: (accountId, node, call, holdMs, signal) => {
        const waiting = { accountId, ms: holdMs };
        return this.#carry(accountId, node, call, isOpen, signal, this.isWaiting && holdMs > 0 ? waiting : null);
      },
      send: (accountId, call, signal) => this.#carry(accountId, NODES[0]!, call, isOpen, signal),
      route: () => ROUTE,
      info: () => INFO,
      askAtRandom: async () => [],
      run: async (signal) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => resolve(), { once: true });
        await promise;
      },
    };
  }

  #onMembers(work: (kept: KeptMessage[]) => MemberWork): Record<string, object> {
    const answers = KEYS.map(({ secretKey }, index) => {
      if (this.silentMembers.includes(index)) return [NODES[index]!.key, { failed: true, timeout: true }];
      const { result, signed } = work(this.kept[index]!);
      return [NODES[index]!.key, { ...result, signature: bytesToBase64(ed25519Sign(signed, secretKey)) }];
    });
    return Object.fromEntries(answers);
  }

  /** Until there is something, or the time is up. */
  async #hold(hasNews: () => boolean, ms: number, signal: AbortSignal): Promise<void> {
    const end = this.#clock.now() + ms;
    while (!hasNews() && this.#clock.now() < end && !signal.aborted) {
      await this.#clock.sleep(end - this.#clock.now(), AbortSignal.any([signal, this.#stored.signal]));
    }
  }

  async #carry<R>(
    accountId: string,
    node: SwarmNode,
    call: SwarmCall<R>,
    isOpen: () => boolean,
    signal: AbortSignal,
    waiting: { readonly accountId: string; readonly ms: number } | null = null,
  ): Promise<R> {
    const request = call.build(this.#clock.now());
    await this.#clock.sleep(LATENCY_MS, signal);
    if (signal.aborted) throw new SwarmFailure('stopped');
    if (!isOpen()) throw new SwarmFailure('offline');
    const method = waiting ? 'wait' : methodOf(request);
    const fate = this.fate(method, accountId);
    if (fate !== 'delivered' && fate !== 'answer-lost') throw new SwarmFailure(fate);
    this.seen.push(method);
    const kept = this.kept[NODES.indexOf(node)]!;
    if (waiting) await this.#hold(() => holdsNews(request, kept), waiting.ms, signal);
    const answer = answerRpc(utf8ToBytes(JSON.stringify(request)), {
      now: this.#clock.now(),
      kept,
      directory: null,
      ...(this.isWaiting && { features: [WAIT_FEATURE] }),
      swarmOf: () => ({ keys: [], isMember: true }),
      onMembers: (work) => this.#onMembers(work),
      replicate: (message) => {
        for (const kept of this.kept) if (!kept.some(({ hash }) => hash === message.hash)) kept.push(message);
        this.#stored.abort();
        this.#stored = new AbortController();
        return {};
      },
    });
    this.onActed();
    await this.#clock.sleep(LATENCY_MS, signal);
    if (signal.aborted) throw new SwarmFailure('stopped');
    if (fate === 'answer-lost' || !isOpen()) throw new SwarmFailure('unreachable');
    if (answer.status !== 200) throw new SwarmFailure(answer.status === 406 ? 'clock-wrong' : 'refused');
    try {
      return call.read(JSON.parse(answer.body.kind === 'json' ? answer.body.text : ''));
    } catch (error) {
      if (error instanceof WireError) throw new SwarmFailure('unreachable');
      throw error;
    }
  }
}

interface RetrieveParams {
  readonly last_hash?: string;
  readonly pubkey: string;
  readonly namespace?: number;
}

/** Is there a message that the reader does not have yet? */
function holdsNews({ params }: { readonly params: object }, kept: readonly KeptMessage[]): boolean {
  const { requests } = params as { requests: readonly { params: RetrieveParams }[] };
  return requests.some(({ params: { last_hash: lastHash, pubkey, namespace = 0 } }) => {
    const own = kept.filter((message) => message.accountId === pubkey && message.namespace === namespace);
    return own.length > 0 && own.at(-1)!.hash !== lastHash;
  });
}

const ROUTE: RouteInfo = {
  state: 'connected',
  relays: [],
  roundTripMs: null,
  builtAt: null,
  networkName: 'Post office',
  nodes: NODES.length,
  mailboxCopies: NODES.length,
  directoryExpired: false,
  proxyProblem: null,
  oneSite: false,
};

const INFO: NetworkInfo = {
  name: ROUTE.networkName,
  id: '00'.repeat(32),
  authorities: [],
  threshold: 1,
  list: null,
  oneSite: false,
  fileServers: [],
  successions: [],
  history: [],
};
