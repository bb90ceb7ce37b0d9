import { equalBytes } from '@sotto/wire/bytes';
import { isContactable, type NodeRecord } from '@sotto/wire/nodes';
import { CHAIN_SWARM_PARAMETERS } from '@sotto/wire/swarm';
import { DirectoryError } from '../errors.ts';
import { NodeList, type NodeSource } from '../node-source.ts';
import type { NetworkParameters } from '../parameters.ts';
import { parseAddressNotice } from './notices.ts';
import { callOxend, type OxendRequest } from './rpc.ts';
import { parseServiceNodes, type ServiceNodeList, serviceNodesParams } from './service-nodes.ts';

/** What a source of nodes behind a chain daemon needs. */
export interface OxendSourceOptions {
  /** Asks our own oxend. */
  readonly request: OxendRequest;
  /** Ask seed nodes of the chain, at the start only, while our oxend may lag behind; none in private networks. */
  readonly seeds: readonly OxendRequest[];
  /** Nodes that a list has at least if oxend is in step: 100 on the main network, 10 on the test network (§10.4). */
  readonly plausibleNodes: number;
  /** Believe oxend at once, whatever its list looks like. */
  readonly forceStart?: boolean;
  /** ms of a clock that never goes back. */
  readonly monotonicNow: () => number;
  /** Told what is wrong with an answer of oxend; the last good list stays. */
  readonly onProblem: (problem: DirectoryError) => void;
}

/** Syncing is given up so long after the start, ms. */
const LONGEST_SYNC_MS = 3_600_000;
/** A list of which more cannot be reached is not believed to be up to date. */
const MISSING_SHARE = 0.03;

/** How the chain makes swarms, and how clients make paths over its nodes. */
export const CHAIN_PARAMETERS: NetworkParameters = {
  swarmMin: CHAIN_SWARM_PARAMETERS.minimum,
  swarmIdeal: CHAIN_SWARM_PARAMETERS.newSwarmSize,
  swarmMargin: CHAIN_SWARM_PARAMETERS.margin,
  relays: 3,
  join: 'open',
  oneSite: false,
};

/**
 * The nodes that a chain knows, as an oxend tells them (node-network §10.3, §10.4). {@link refresh} is called for each
 * block that oxend announces, and once in a while. While oxend is away, the last list stays, however long that is: a
 * node cannot tell whether it is oxend that is missing or new blocks.
 */
export class OxendSource implements NodeSource {
  readonly #options: OxendSourceOptions;
  readonly #startedAt: number;
  readonly #listeners = new Set<(list: NodeList) => void>();
  #list: NodeList | null = null;
  #hardFork: readonly [number, number] = [0, 0];
  #isSyncing = true;
  /** The height at which oxend is in step; `null` before the seeds were asked. */
  #target: number | null = null;
  #running: Promise<void> | null = null;
  #isStale = false;

  constructor(options: OxendSourceOptions) {
    this.#options = options;
    this.#startedAt = options.monotonicNow();
    if (options.forceStart) this.#isSyncing = false;
  }

  current(): NodeList | null {
    return this.#list;
  }

  /** Lists of a chain have no end. */
  isExpired(): boolean {
    return false;
  }

  onChange(listener: (list: NodeList) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Does our oxend still catch up with the chain, as far as can be told (§10.4)? */
  get isSyncing(): boolean {
    return this.#isSyncing;
  }

  /** Hard fork and revision of oxend's last answer, also while it catches up. */
  get hardFork(): readonly [number, number] {
    return this.#hardFork;
  }

  /** The height that oxend has to reach; 0 if that is not known. */
  get targetHeight(): number {
    return Math.max(this.#target ?? 0, this.#list?.epoch ?? 0);
  }

  /**
   * Asks oxend for the nodes and takes them. One question is under way at a time; what is asked for meanwhile is asked
   * once more afterwards. Resolves when there is nothing left to ask; never rejects.
   */
  refresh(): Promise<void> {
    this.#isStale = true;
    this.#running ??= this.#refreshWhileStale().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Takes the data part of a `notify.snode_addr` push (§10.2); malformed ones and unknown nodes are ignored. */
  takeAddress(notice: Uint8Array): void {
    const list = this.#list;
    const address = parseAddressNotice(notice);
    const known = address && list?.node(address.ed25519Key);
    if (!list || !known || !equalBytes(known.legacyKey ?? known.ed25519Key, address.legacyKey)) return;
    const moved = { ...known, ...address };
    this.#show(new NodeList({ ...partsOf(list), nodes: list.nodes.map((node) => (node === known ? moved : node)) }));
  }

  async #refreshWhileStale(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const answer = await this.#ask(this.#options.request, this.#isSyncing ? null : (this.#list?.digest ?? null));
      if (answer) await this.#take(answer);
    }
  }

  async #ask(request: OxendRequest, known: Uint8Array | null): Promise<ServiceNodeList | null> {
    const outcome = await callOxend(request, 'rpc.get_service_nodes', serviceNodesParams(known));
    if (outcome.kind === 'no-answer') return null;
    try {
      if (outcome.kind === 'refused') {
        throw new DirectoryError('oxend', `the chain daemon (oxend) does not tell the nodes: ${outcome.text}`);
      }
      const answer = parseServiceNodes(outcome.json);
      return answer.kind === 'list' ? answer : null;
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      this.#options.onProblem(error);
      return null;
    }
  }

  async #take(answer: ServiceNodeList): Promise<void> {
    this.#hardFork = answer.hardFork;
    if (this.#isSyncing && !this.#isInStep(answer)) {
      if (this.#target === null) await this.#askSeeds();
      // Provisional, so that accounts can be told where to go; see `isSyncing`.
      if (this.#isSyncing && this.#list !== null) return;
    }
    this.#apply(answer);
  }

  #isInStep({ inSwarms, missing, height }: ServiceNodeList): boolean {
    const { plausibleNodes, monotonicNow } = this.#options;
    const isPlausible = inSwarms >= plausibleNodes && missing <= inSwarms * MISSING_SHARE;
    const hasCaughtUp = this.#target !== null && height >= this.#target;
    const waitedEnough = monotonicNow() - this.#startedAt >= LONGEST_SYNC_MS;
    // Once seeds have told their height, that alone decides.
    if (hasCaughtUp || waitedEnough || (this.#target === null && isPlausible)) this.#isSyncing = false;
    return !this.#isSyncing;
  }

  async #askSeeds(): Promise<void> {
    const answers = await Promise.all(this.#options.seeds.map((seed) => this.#ask(seed, null)));
    const best = answers.filter((answer) => answer !== null).sort((a, b) => b.height - a.height)[0];
    if (!best) {
      this.#isSyncing = false;
      return;
    }
    this.#target = best.height;
    this.#apply(best);
    this.#isStale = true;
  }

  #apply(answer: ServiceNodeList): void {
    const before = this.#list;
    if (before && equalBytes(before.digest, answer.blockHash)) return;
    this.#show(
      new NodeList({
        epoch: answer.height,
        digest: answer.blockHash,
        validFrom: 0,
        validUntil: Number.MAX_SAFE_INTEGER,
        parameters: CHAIN_PARAMETERS,
        hardFork: answer.hardFork,
        nodes: answer.nodes.map((node) => withKnownAddress(node, before)),
      }),
    );
  }

  #show(list: NodeList): void {
    this.#list = list;
    for (const listener of this.#listeners) listener(list);
  }
}

/** oxend may forget an address that was known (§7.1). */
function withKnownAddress(node: NodeRecord, before: NodeList | null): NodeRecord {
  const known = isContactable(node) ? undefined : before?.node(node.ed25519Key);
  if (!known) return node;
  return { ...node, ip: known.ip, httpsPort: known.httpsPort, omqPort: known.omqPort };
}

function partsOf(list: NodeList) {
  const { epoch, digest, validFrom, validUntil, parameters, hardFork } = list;
  return { epoch, digest, validFrom, validUntil, parameters, hardFork };
}
