import { WireError } from '@sotto/wire';
import { utf8ToBytes } from '@sotto/wire/bytes';
import type { RouteInfo } from '../engine.ts';
import type { MessengerNetwork } from '../messenger/messenger.ts';
import { type SwarmCall, SwarmFailure, type SwarmFailureReason, type SwarmNode } from '../network/swarm-access.ts';
import type { Clock } from '../surroundings.ts';
import { answerRpc, type KeptMessage } from './mailbox-node.ts';

const LATENCY_MS = 30;
const NODES: readonly SwarmNode[] = [{ key: 'a'.repeat(64) }, { key: 'b'.repeat(64) }];

/** What happens to one request. */
export type Fate =
  | 'delivered'
  /** The node does it and its answer is lost. */
  | 'answer-lost'
  | SwarmFailureReason;

/** The floor below conversations, without a network: every account's swarm is the same two nodes. */
export class PostOffice {
  /** What each node keeps, in its own order. */
  readonly kept: readonly KeptMessage[][] = NODES.map(() => []);
  /** Decides about every request; a test replaces it. */
  fate: (method: string, accountId: string) => Fate = () => 'delivered';
  /** Called after a node has acted and before its answer is read. */
  onActed: () => void = () => {};
  /** Methods of all requests that nodes have seen. */
  readonly seen: string[] = [];
  #isOpen = true;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();

  constructor(clock: Clock, kept: readonly (readonly KeptMessage[])[] = []) {
    this.#clock = clock;
    for (const [index, messages] of kept.entries()) this.kept[index]!.push(...messages);
  }

  /** Connects or disconnects everybody. */
  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    for (const listener of this.#listeners) listener();
  }

  /** All messages for an account, each once. */
  mailbox(accountId: string): KeptMessage[] {
    const all = this.kept.flat().filter((message) => message.accountId === accountId);
    return [...new Map(all.map((message) => [message.hash, message])).values()];
  }

  /** One person's access. */
  access(): MessengerNetwork {
    return {
      now: () => this.#clock.now(),
      isConnected: () => this.#isOpen,
      onConnection: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      members: () => NODES,
      ask: (accountId, node, call, signal) => this.#carry(accountId, node, call, signal),
      send: (accountId, call, signal) => this.#carry(accountId, NODES[0]!, call, signal),
      route: () => ROUTE,
      run: async (signal) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => resolve(), { once: true });
        await promise;
      },
    };
  }

  async #carry<R>(accountId: string, node: SwarmNode, call: SwarmCall<R>, signal: AbortSignal): Promise<R> {
    const request = call.build(this.#clock.now());
    await this.#clock.sleep(LATENCY_MS, signal);
    if (signal.aborted) throw new SwarmFailure('stopped');
    if (!this.#isOpen) throw new SwarmFailure('offline');
    const fate = this.fate(request.method, accountId);
    if (fate !== 'delivered' && fate !== 'answer-lost') throw new SwarmFailure(fate);
    this.seen.push(request.method);
    const answer = answerRpc(utf8ToBytes(JSON.stringify(request)), {
      now: this.#clock.now(),
      kept: this.kept[NODES.indexOf(node)]!,
      directory: null,
      swarmOf: () => ({ keys: [], isMember: true }),
      replicate: (message) => {
        for (const kept of this.kept) if (!kept.some(({ hash }) => hash === message.hash)) kept.push(message);
        return {};
      },
    });
    this.onActed();
    await this.#clock.sleep(LATENCY_MS, signal);
    if (signal.aborted) throw new SwarmFailure('stopped');
    if (fate === 'answer-lost') throw new SwarmFailure('unreachable');
    if (answer.status !== 200) throw new SwarmFailure(answer.status === 406 ? 'clock-wrong' : 'refused');
    try {
      return call.read(JSON.parse(answer.body.kind === 'json' ? answer.body.text : ''));
    } catch (error) {
      if (error instanceof WireError) throw new SwarmFailure('unreachable');
      throw error;
    }
  }
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
  oneSite: false,
};
