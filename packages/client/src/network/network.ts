import { type AnyNetworkFile, isChainNetwork } from '@sotto/directory';
import { WireError } from '@sotto/wire';
import { utf8ToBytes } from '@sotto/wire/bytes';
import { classifyNodeReply, type NodeReply } from '@sotto/wire/onion';
import type { JsonRequest, RpcResult } from '@sotto/wire/rpc';
import { EngineError, type NetworkInfo, type RouteInfo, type RouteRelay } from '../engine.ts';
import { runTogether } from '../run-together.ts';
import type { Surroundings } from '../surroundings.ts';
import { ChainLists } from './chain/chain-lists.ts';
import { CHAIN_MEMORY } from './chain/chain-nodes.ts';
import { DIRECTORY_MEMORY, DirectoryLists } from './directory-lists.ts';
import { exchange, type Outcome } from './exchange.ts';
import { Guards } from './guards.ts';
import { INFO_BODY } from './info-request.ts';
import { ListKeeper } from './list-keeper.ts';
import type { ListUsers, MirrorReply } from './list-source.ts';
import { median } from './median.ts';
import type { NetworkMemory } from './memory.ts';
import type { NameNodes } from './name-lookup.ts';
import { NetworkClock } from './network-clock.ts';
import { NodePool } from './node-pool.ts';
import type { Path } from './path.ts';
import { areTooClose, type Relay } from './relay.ts';
import { Routes } from './routes.ts';
import type { ServerAccess } from './server-access.ts';
import { ServerRequests } from './server-requests.ts';
import { Strikes } from './strikes.ts';
import { type SwarmAccess, type SwarmCall, SwarmFailure, type SwarmNode } from './swarm-access.ts';
import { Swarms } from './swarms.ts';
import type { Timings } from './timings.ts';
import type { Transport } from './transport.ts';

/** Nodes of a swarm that a message is offered to before the outbox pauses (messages §2). */
const SEND_ATTEMPTS = 3;
/** Paths that one request may be tried on when the first one fails at once. */
const PATH_ATTEMPTS = 2;
/** Nodes that are asked for the time (onion-requests §5.4). */
const CLOCK_NODES = 3;
const CLOCK_REST_MS = 10_000;
const ROUND_TRIPS = 15;
/** Nodes that are asked for the next list. */
const MIRRORS = 3;

/** What the network floor works with. */
export interface NetworkParts extends Surroundings {
  readonly network: AnyNetworkFile;
  readonly memory: NetworkMemory;
  readonly transport: Transport;
  readonly timings: Timings;
}

/** An authentic reply with what is known about its way. */
interface Reply {
  readonly reply: NodeReply;
  readonly body: unknown;
  readonly path: Path;
}

/** One way to send a request to a node. @throws SwarmFailure */
type Way = (destination: Relay, body: Uint8Array, signal: AbortSignal) => Promise<Reply>;

/** What a node gave, or the body that sends us elsewhere. */
type Answered<R> = { readonly result: R } | { readonly wrongSwarm: unknown };

/** Reaches swarms over private routes, and knows whom to trust and whom to avoid (onion-requests §3–§5, §7). */
export class Network implements SwarmAccess, NameNodes {
  /** Servers outside the node network, through private routes as well. */
  readonly servers: ServerAccess;
  readonly #parts: NetworkParts;
  readonly #lists: ListKeeper;
  readonly #pool: NodePool;
  readonly #strikes: Strikes;
  readonly #guards: Guards;
  readonly #routes: Routes;
  readonly #swarms: Swarms;
  readonly #clock: NetworkClock;
  readonly #listeners = new Set<() => void>();
  #roundTrips: number[] = [];
  #measuring: Promise<void> | null = null;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #running: AbortSignal = AbortSignal.abort();

  private constructor(parts: NetworkParts, lists: ListKeeper) {
    const { clock, random, memory } = parts;
    this.#parts = parts;
    this.#lists = lists;
    this.#pool = new NodePool(lists.source.nodes, random);
    this.#strikes = new Strikes(clock);
    this.#clock = new NetworkClock(clock, memory);
    this.#swarms = new Swarms(this.#pool, this.#strikes, random);
    const shared = { ...parts, pool: this.#pool, strikes: this.#strikes };
    this.#guards = new Guards(shared);
    this.#routes = new Routes({ ...shared, guards: this.#guards, onReply: (outcome) => this.#learn(outcome) });
    this.servers = new ServerRequests({ ...shared, routes: this.#routes });
    parts.transport.onProxyProblem?.(() => this.#announce());
    this.#routes.onChange(() => {
      if (this.#isStranded()) this.#lists.hurry();
      if (this.isConnected()) this.#lists.connected();
      this.#announce();
    });
  }

  /** Reads what earlier runs knew; connects nowhere yet. @throws EngineError `bad-network` */
  static async open(parts: NetworkParts): Promise<Network> {
    const { network, memory } = parts;
    const foreign = isChainNetwork(network) ? DIRECTORY_MEMORY : CHAIN_MEMORY;
    if (memory.read(foreign)) throw new EngineError('bad-network', 'the profile belongs to another network');
    const source = isChainNetwork(network)
      ? new ChainLists({ ...parts, network })
      : await DirectoryLists.open({ ...parts, network });
    return new Network(parts, new ListKeeper(source, parts));
  }

  /** Keeps list and routes until the signal aborts; resolves when nothing runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    this.#running = signal;
    const stopListening = this.#lists.source.nodes.onChange(() => {
      this.#strikes.clearAll();
      this.#swarms.reset();
      this.#routes.refresh();
      this.#announce();
    });
    const users: ListUsers = {
      mirrors: () => this.#mirrors(),
      askMirror: (mirror, request, both) => this.#askMirror(mirror, request, both),
      guards: () => this.#guards.current(),
      isStranded: () => this.#isStranded(),
      onAttempt: () => this.#announce(),
    };
    try {
      await runTogether(signal, [(both) => this.#lists.run(users, both), (both) => this.#routes.run(both)]);
      await this.#measuring;
    } finally {
      stopListening();
      this.#parts.transport.close();
    }
  }

  /** Requests leave by another way from now on: whoever could not be reached is tried again at once. */
  wayChanged(): void {
    this.#lists.hurry();
    this.#routes.refresh();
  }

  now(): number {
    return Math.round(this.#clock.now());
  }

  isConnected(): boolean {
    return this.#routes.state() === 'connected';
  }

  onConnection(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  members(accountId: string): readonly SwarmNode[] {
    return this.#swarms.members(accountId);
  }

  async ask<R>(accountId: string, node: SwarmNode, call: SwarmCall<R>, signal: AbortSignal): Promise<R> {
    const relay = this.#pool.get(node.key);
    if (!relay) throw new SwarmFailure('unreachable');
    return this.#resultOf(accountId, relay, await this.#askOnce(relay, call, this.#anyPath, signal));
  }

  async askApart<R>(
    accountId: string,
    node: SwarmNode,
    call: SwarmCall<R>,
    holdMs: number,
    signal: AbortSignal,
  ): Promise<R> {
    const relay = this.#pool.get(node.key);
    if (!relay) throw new SwarmFailure('unreachable');
    const way: Way = (destination, body) => this.#requestApart(destination, body, holdMs, signal);
    return this.#resultOf(accountId, relay, await this.#askOnce(relay, call, way, signal));
  }

  async send<R>(accountId: string, call: SwarmCall<R>, signal: AbortSignal): Promise<R> {
    const tried = new Set<string>();
    const failures: SwarmFailure[] = [];
    let unsure: { readonly result: R } | null = null;
    let candidates = this.#swarms.members(accountId);
    for (let attempt = 0; attempt < SEND_ATTEMPTS; attempt++) {
      const node = candidates.find(({ key }) => !tried.has(key));
      if (!node) break;
      tried.add(node.key);
      try {
        const answer = await this.#askOnce(node, call, this.#anyPath, signal);
        if ('result' in answer) {
          if (call.isEnough?.(answer.result) ?? true) return answer.result;
          unsure ??= answer;
        } else {
          // Followed to one node only: a liar must not use up the attempts with nodes of its choice.
          candidates = [...this.#redirect(accountId, node, answer.wrongSwarm).slice(0, 1), ...candidates];
        }
      } catch (error) {
        if (!(error instanceof SwarmFailure)) throw error;
        failures.push(error);
        if (error.reason === 'stopped' || error.reason === 'offline') break;
      }
    }
    if (unsure) return unsure.result;
    throw worstOf(failures);
  }

  async askAtRandom(count: number, request: JsonRequest, signal: AbortSignal): Promise<(RpcResult | null)[]> {
    const nodes = this.#pool.draw(
      count,
      (relay, drawn) =>
        !this.#strikes.isOut(relay.key) && drawn.every((other) => !areTooClose(relay, other, this.#pool.oneSite)),
    );
    return Promise.all(
      nodes.map(async (node) => {
        try {
          const { reply, body } = await this.#request(node, utf8ToBytes(JSON.stringify(request)), signal);
          return { code: reply.status, body };
        } catch (error) {
          if (!(error instanceof SwarmFailure)) throw error;
          return null;
        }
      }),
    );
  }

  /** The live route; `mailboxCopies` are those of this account. */
  route(accountId: string): RouteInfo {
    const [path] = this.#routes.current();
    const state = this.#routes.state();
    const proxyProblem = this.#parts.transport.proxyProblem?.() ?? null;
    const waitsForList = this.#lists.source.nodes.current() === null && this.#lists.hasFailed;
    return {
      state: proxyProblem !== null || (state === 'connecting' && waitsForList) ? 'offline' : state,
      relays: path ? path.relays.map(routeRelay) : [],
      roundTripMs: median(this.#roundTrips),
      builtAt: path?.builtAt ?? null,
      networkName: this.#parts.network.name,
      nodes: this.#pool.listed,
      mailboxCopies: this.#swarms.members(accountId).length,
      directoryExpired: this.#lists.source.nodes.isExpired(),
      oneSite: this.#pool.oneSite,
      proxyProblem,
    };
  }

  /** Who decides about the network, and who signed what. */
  info(): NetworkInfo {
    return this.#lists.source.info();
  }

  readonly #anyPath: Way = (destination, body, signal) => this.#request(destination, body, signal);

  #resultOf<R>(accountId: string, node: Relay, answer: Answered<R>): R {
    if ('result' in answer) return answer.result;
    // The next poll asks the right nodes.
    if (answer.wrongSwarm !== undefined) this.#redirect(accountId, node, answer.wrongSwarm);
    throw new SwarmFailure('unreachable');
  }

  /** Asks one node; 406 and 425 are tried again once after the clock was measured. */
  async #askOnce<R>(node: Relay, call: SwarmCall<R>, way: Way, signal: AbortSignal): Promise<Answered<R>> {
    for (const isLast of [false, true]) {
      const request = call.build(this.now());
      const { reply, body, path } = await way(node, utf8ToBytes(JSON.stringify(request)), signal);
      const failed = failedInside(request.method, body);
      const { status, text } = failed ?? { status: reply.status, text: reply.body };
      const verdict = classifyNodeReply(status, text, path.relays, { kind: 'node', ...node });
      switch (verdict.action) {
        case 'done':
          return { result: this.#read(node, call, body) };
        case 'wrong-swarm':
          return { wrongSwarm: failed?.body ?? body };
        case 'resync-clock':
          // We have just asked others for the time.
          if (isLast) this.#strikes.add(node.key);
          else await this.#measureClock(signal);
          break;
        case 'refused':
        case 'unauthorized':
          throw new SwarmFailure('refused');
        case 'remove-node':
        case 'strike-destination':
          this.#strikes.add(node.key);
          throw new SwarmFailure('unreachable');
      }
    }
    throw new SwarmFailure('clock-wrong');
  }

  #read<R>(node: Relay, call: SwarmCall<R>, body: unknown): R {
    try {
      return call.read(body);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#parts.log.warn({}, 'a node gave an answer that cannot be true');
      this.#strikes.add(node.key);
      throw new SwarmFailure('unreachable');
    }
  }

  /** Sends a request until it is answered, over another path if one fails at once. @throws SwarmFailure */
  async #request(destination: Relay, body: Uint8Array, signal: AbortSignal): Promise<Reply> {
    for (let attempt = 0; attempt < PATH_ATTEMPTS; attempt++) {
      const path = this.#routes.choose(destination);
      if (!path) break;
      const timeoutMs = this.#parts.timings.request;
      const job = { path: path.relays, destination, body, timeoutMs, signal };
      const outcome = await exchange(this.#parts, job);
      if (outcome.kind === 'reply') {
        this.#routes.succeeded(path, destination);
        return { reply: outcome.reply, body: this.#learn(outcome), path };
      }
      if (outcome.kind === 'stopped') throw new SwarmFailure('stopped');
      this.#parts.log.debug({ kind: outcome.kind }, 'a request failed on its way');
      this.#routes.failed(path, destination, outcome);
      // After a time-out the caller has waited long enough: another node is more likely to answer.
      if (outcome.kind === 'no-answer') break;
    }
    throw new SwarmFailure(this.#routes.isOffline() ? 'offline' : 'unreachable');
  }

  /** The same over the path apart. Who is to blame for a failure, the requests over the other paths find out. */
  async #requestApart(destination: Relay, body: Uint8Array, holdMs: number, signal: AbortSignal): Promise<Reply> {
    const path = this.#routes.chooseApart(destination);
    if (!path) throw new SwarmFailure(this.#routes.isOffline() ? 'offline' : 'unreachable');
    const timeoutMs = this.#parts.timings.request + holdMs;
    const outcome = await exchange(this.#parts, { path: path.relays, destination, body, timeoutMs, signal });
    if (outcome.kind === 'reply') {
      this.#routes.succeeded(path, destination);
      return { reply: outcome.reply, body: this.#learnTime(outcome.reply), path };
    }
    if (outcome.kind === 'stopped') throw new SwarmFailure('stopped');
    this.#parts.log.debug({ kind: outcome.kind }, 'a request apart failed on its way');
    this.#routes.dropApart(path);
    throw new SwarmFailure(outcome.kind === 'offline' ? 'offline' : 'unreachable');
  }

  /** Takes time and round trip from an authentic answer; gives its parsed body. */
  #learn({ reply, roundTripMs }: Extract<Outcome, { kind: 'reply' }>): unknown {
    this.#roundTrips = [...this.#roundTrips, roundTripMs].slice(-ROUND_TRIPS);
    return this.#learnTime(reply);
  }

  #learnTime(reply: NodeReply): unknown {
    const body = parsed(reply.body);
    const t = timeIn(body);
    if (t !== null && this.#clock.sample(t)) this.#startMeasuring();
    return body;
  }

  #startMeasuring(): void {
    const { clock } = this.#parts;
    if (this.#measuring || clock.now() - this.#measuredAt < CLOCK_REST_MS) return;
    this.#measuring = this.#measureClock(this.#running).finally(() => {
      this.#measuring = null;
    });
  }

  /** Asks three nodes for the time and believes the one in the middle (onion-requests §5.4). */
  async #measureClock(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    this.#measuredAt = clock.now();
    const nodes = this.#pool.draw(CLOCK_NODES, (relay, drawn) => drawn.every(({ key }) => key !== relay.key));
    const offsets = await Promise.all(nodes.map((node) => this.#offsetOf(node, signal)));
    this.#clock.measure(offsets.filter((offset) => offset !== null));
    log.info({ nodes: offsets.filter((offset) => offset !== null).length }, 'measured the clock');
  }

  async #offsetOf(node: Relay, signal: AbortSignal): Promise<number | null> {
    try {
      const { body } = await this.#request(node, INFO_BODY, signal);
      const { t } = body as { t?: unknown };
      return typeof t === 'number' ? this.#clock.offsetFrom(t) : null;
    } catch {
      return null;
    }
  }

  /** Apart from each other and from our guards, who are asked without a path if need be; not struck out. */
  #mirrors(): Relay[] {
    if (!this.isConnected()) return [];
    const guards = this.#guards.current();
    const isApart = (relay: Relay, drawn: readonly Relay[]) =>
      drawn.every((other) => !areTooClose(relay, other, this.#pool.oneSite));
    return this.#pool.draw(
      MIRRORS,
      (relay, drawn) =>
        !this.#strikes.isOut(relay.key) && guards.every(({ key }) => key !== relay.key) && isApart(relay, drawn),
    );
  }

  /** Whatever a mirror answers, nobody is struck for it: it may know no better, and not every node has a list to give. */
  async #askMirror(mirror: Relay, request: JsonRequest, signal: AbortSignal): Promise<MirrorReply> {
    const { reply } = await this.#request(mirror, utf8ToBytes(JSON.stringify(request)), signal);
    return reply;
  }

  #redirect(accountId: string, from: Relay, body: unknown): Relay[] {
    this.#strikes.add(from.key);
    this.#lists.hurry();
    return this.#swarms.redirected(accountId, from, body);
  }

  /** Nobody answers whom we know; perhaps they have all moved. */
  #isStranded(): boolean {
    return this.#routes.state() === 'offline' && !this.#routes.isOffline();
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What to tell about several failed attempts: a refusal or a wrong clock only if everybody found the same. */
function worstOf(failures: readonly SwarmFailure[]): SwarmFailure {
  const ended = failures.find(({ reason }) => reason === 'stopped' || reason === 'offline');
  if (ended) return ended;
  const [first] = failures;
  const isUnanimous = first !== undefined && failures.every(({ reason }) => reason === first.reason);
  return isUnanimous ? first : new SwarmFailure('unreachable');
}

function routeRelay(relay: Relay, index: number, path: readonly Relay[]): RouteRelay {
  const role = index === 0 ? 'guard' : index === path.length - 1 ? 'exit' : 'middle';
  return { role, address: relay.address, key: relay.key };
}

/** The first of the results of a batch that is a failure; `null` if there is none, or it was no batch. */
function failedInside(method: string, body: unknown): { status: number; text: string; body: unknown } | null {
  if (method !== 'batch' && method !== 'sequence') return null;
  for (const { code, body: inner } of resultsIn(body)) {
    if (typeof code !== 'number' || code === 200) continue;
    return { status: code, text: typeof inner === 'string' ? inner : JSON.stringify(inner ?? null), body: inner };
  }
  return null;
}

/** When an answer was made; every result of a batch says it for itself (storage-rpc §7). */
function timeIn(body: unknown): number | null {
  const [{ body: first } = { body }] = resultsIn(body);
  const { t } = (typeof first === 'object' && first !== null ? first : {}) as { t?: unknown };
  return typeof t === 'number' ? t : null;
}

function resultsIn(body: unknown): readonly { readonly code?: unknown; readonly body?: unknown }[] {
  const { results } = (typeof body === 'object' && body !== null ? body : {}) as { results?: unknown };
  return Array.isArray(results) ? results.filter((result) => typeof result === 'object' && result !== null) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
