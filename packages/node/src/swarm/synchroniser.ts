import type { NodeList, NodeSource } from '@sotto/directory';
import { WireError } from '@sotto/wire';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { namespaceRules, SYNC_FEATURE } from '@sotto/wire/rpc';
import { formatSwarmId } from '@sotto/wire/swarm';
import {
  BUCKET_LEVEL,
  decodeContents,
  decodeIds,
  decodeRanges,
  decodeStates,
  decodeSummaries,
  EVERYTHING,
  encodeIds,
  encodeRanges,
  isNewerState,
  MOST_RANGES,
  partsOf,
  type RangeSummary,
  type SyncRange,
  type SyncState,
} from '@sotto/wire/sync';
import type { Log } from '../log.ts';
import type { PeerLink } from '../peers.ts';
import { type StoredMessage, StoreFailure, type SyncStore } from '../store/message-store.ts';
import { Bell, REAL_TIME, type Time } from '../timers.ts';
import { HandoverTurns } from './handover-turns.ts';
import type { PeerFeatures } from './peer-features.ts';
import type { SwarmView } from './swarm-view.ts';
import { MOST_IDS, MOST_STATES, SyncAnswers } from './sync-answers.ts';
import { verifyContents } from './sync-verify.ts';

/** What keeping in step needs. */
export interface SynchroniserOptions {
  readonly store: SyncStore;
  readonly source: NodeSource;
  readonly swarms: SwarmView;
  readonly peers: PeerLink;
  readonly features: PeerFeatures;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** For a simulation. */
  readonly time?: Time;
  /** Between two comparisons with everybody, ms; a quarter more or less is drawn. */
  readonly interval: number;
  /** Told of every message that was taken over. */
  readonly onReceived: (message: StoredMessage) => void;
}

/** What a node may ask another one: `sn.sync_ranges` and so on. */
export type SyncCommand = 'ranges' | 'states' | 'contents' | 'now' | 'wanted';

const TIMEOUT_MS = 15_000;
/** Between two comparisons with everybody, however often others ask for one. */
const LEAST_PAUSE_MS = 250;
/** States of both sides in a range that are few enough to be looked at one by one. */
const FEW_STATES = 16;
/** Where we have nothing at all, dividing further would tell us nothing. */
const FEW_NEW_STATES = 4096;
const IDS_AT_A_TIME = 1_000;
/** After so many rounds with one member it is another's turn. */
const MOST_ROUNDS = 100;

/**
 * Keeps this node's store in step with the other members of its swarm (sync): compares summaries of ranges of accounts,
 * and takes over what is newer there. Every member does so for itself, so a node that was down, for however long, gets
 * what its swarm did meanwhile, deletions included.
 */
export class Synchroniser {
  readonly #options: SynchroniserOptions;
  readonly #answers: SyncAnswers;
  /** Names what the summaries were made for; `null` while they are not. */
  #loadedFor: string | null = null;
  #loading: Promise<boolean> | null = null;
  readonly #turns = new HandoverTurns();
  /** What is being compared is on its way already, so nobody shall hand it over meanwhile. */
  #isComparing = false;
  readonly #time: Time;
  readonly #bell: Bell;

  constructor(options: SynchroniserOptions) {
    this.#options = options;
    this.#time = options.time ?? REAL_TIME;
    this.#bell = new Bell(this.#time);
    this.#answers = new SyncAnswers(options.store, () => this.#loadedFor !== null);
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(): Promise<void> {
    const { signal, interval, source } = this.#options;
    const stop = source.onChange(() => this.#bell.ring());
    while (!signal.aborted) {
      const isLoaded = await this.#guarded(() => this.#load());
      if (isLoaded) for (const peer of this.#options.swarms.peers()) await this.#catchUp(peer);
      await this.#time.pause(Math.min(interval, LEAST_PAUSE_MS), signal);
      await this.#bell.pause(this.#isGiven() ? LEAST_PAUSE_MS : interval * (0.75 + Math.random() / 2), signal);
    }
    stop();
  }

  /** Answers `sn.sync_<what>` of a node. */
  answer(
    what: SyncCommand,
    from: NodeRecord | undefined,
    data: readonly Uint8Array[],
  ): Promise<Uint8Array[]> | Uint8Array[] {
    if (from && what === 'wanted') return this.#takeTurn(from, data);
    if (!from || from.swarmId !== this.#options.swarms.own()?.id) return [Buffer.from('Swarm mismatch')];
    // With the accounts of an earlier list, we would offer what the other one must not take.
    if (what === 'ranges') return this.#guarded(() => this.#load()).then(() => this.#answers.ranges(data));
    if (what !== 'now') return this.#answers[what](data);
    this.#bell.ring();
    return [Buffer.from('OK')];
  }

  /** Members of other swarms hand over one after the other; an empty question ends a turn. */
  #takeTurn(from: NodeRecord, data: readonly Uint8Array[]): Promise<Uint8Array[]> | Uint8Array[] {
    const giver = bytesToHex(from.ed25519Key);
    if (this.#loadedFor === null) return [Buffer.from('Not ready')];
    if (this.#isComparing || !this.#turns.take(giver, this.#time.now())) return [Buffer.from('Busy')];
    if (data[0]?.length) return this.#answers.wanted(data);
    this.#turns.end(giver);
    this.#bell.ring();
    return [Buffer.from('OK'), new Uint8Array()];
  }

  /**
   * Which of these messages (at most 2000) a member of another swarm lacks; `busy` while somebody else hands over to it, all
   * of them if it cannot tell. Without messages: that is all.
   */
  async wanted(node: NodeRecord, messages: readonly StoredMessage[]): Promise<readonly StoredMessage[] | 'busy'> {
    if (!(await this.knows(node))) return messages;
    const wanted = new Set<string>();
    for (let next = 0; next === 0 || next < messages.length; next += MOST_IDS) {
      const ids = messages.slice(next, next + MOST_IDS).map(({ hash }) => hash);
      const reply = await this.#options.peers.request(node, 'sn.sync_wanted', [encodeIds(ids)], TIMEOUT_MS);
      const word = Buffer.from(reply?.[0] ?? []).toString('latin1');
      if (word === 'Busy' || word === 'Not ready') return 'busy';
      if (word !== 'OK' || !reply?.[1]) return messages;
      for (const id of decodeIds(reply[1])) wanted.add(id);
    }
    return messages.filter(({ hash }) => wanted.has(hash));
  }

  /** Whether a member compares stores with us; false as well if it does not answer. */
  knows(member: NodeRecord): Promise<boolean> {
    return this.#options.features.has(member, SYNC_FEATURE);
  }

  /** Makes a member look at once whether it lacks something; false if it cannot, or does not answer. */
  async nudge(member: NodeRecord): Promise<boolean> {
    if (!(await this.knows(member))) return false;
    const reply = await this.#options.peers.request(member, 'sn.sync_now', [], TIMEOUT_MS);
    return reply !== null && Buffer.from(reply[0] ?? []).toString('latin1') === 'OK';
  }

  /** What is being handed over comes by itself. */
  #isGiven(): boolean {
    return this.#turns.isTaken(this.#time.now());
  }

  /** Summaries are of the accounts of our swarm, so other swarms need other ones. */
  #load(): Promise<boolean> {
    this.#loading ??= this.#loadOnce().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #loadOnce(): Promise<boolean> {
    const { store, swarms, source, signal } = this.#options;
    const own = swarms.own();
    const list = source.current();
    if (!own || !list) return false;
    const name = swarmsIn(list, formatSwarmId(own.id));
    if (name === this.#loadedFor) return true;
    this.#loadedFor = null;
    const isLoaded = await store.load((account) => swarms.swarmOf(account)?.id === own.id, signal);
    if (isLoaded) this.#loadedFor = name;
    return isLoaded;
  }

  async #catchUp(peer: NodeRecord): Promise<void> {
    const { features, signal, log } = this.#options;
    if (!(await this.knows(peer))) return;
    let count = 0;
    await this.#guarded(async () => {
      for (let round = 0; round < MOST_ROUNDS && !signal.aborted && !this.#isGiven(); round++) {
        const taken = await this.#compare(peer);
        if (taken === null) features.forget(peer);
        if (!taken) break;
        count += taken;
      }
      return true;
    });
    if (count > 0) log.info({ node: bytesToHex(peer.ed25519Key), count }, 'Messages were brought up to date.');
  }

  /** One comparison; gives how much was taken over, or `null` if the peer did not answer as it should. */
  async #compare(peer: NodeRecord): Promise<number | null> {
    this.#isComparing = true;
    try {
      return await this.#takeNewer(peer);
    } finally {
      this.#isComparing = false;
    }
  }

  async #takeNewer(peer: NodeRecord): Promise<number | null> {
    const { now } = this.#options;
    const loadedFor = this.#loadedFor;
    const different = await this.#differentRanges(peer);
    if (!different) return null;
    let taken = 0;
    // Summaries that were begun anew meanwhile say that all is missing; the list that caused it causes another comparison.
    for (let rest = different; rest.length > 0 && loadedFor !== null && loadedFor === this.#loadedFor; ) {
      const reply = await this.#ask(peer, 'sn.sync_states', encodeRanges(rest.slice(0, MOST_RANGES)));
      if (!reply?.[1]) return null;
      const answered = decodeRanges(reply[0]!);
      const own = answered.flatMap((range) => this.#options.store.states(range, MOST_STATES));
      const ours = new Map(own.map((state) => [state.id, state]));
      const newer = decodeStates(reply[1]).filter((theirs) => isWanted(theirs, ours.get(theirs.id), now()));
      const count = await this.#takeOver(peer, newer);
      if (count === null) return null;
      taken += count;
      rest = rest.slice(answered.length);
    }
    return taken;
  }

  /** The smallest ranges that are worth looking at. */
  async #differentRanges(peer: NodeRecord): Promise<SyncRange[] | null> {
    const different: SyncRange[] = [];
    for (let ranges = [EVERYTHING]; ranges.length > 0; ) {
      const reply = await this.#ask(peer, 'sn.sync_ranges', encodeRanges(ranges));
      if (!reply) return null;
      const theirs = decodeSummaries(reply[0]!, ranges.length);
      const ours = await this.#options.store.summaries(ranges);
      const divided: SyncRange[] = [];
      for (const [place, range] of ranges.entries()) {
        if (isEqual(theirs[place]!, ours[place]!) || theirs[place]!.count === 0) continue;
        if (isSmall(range, theirs[place]!, ours[place]!)) different.push(range);
        else divided.push(...partsOf(range));
      }
      // What is left out is found by the next comparison.
      ranges = divided.slice(0, MOST_RANGES);
    }
    return different;
  }

  async #takeOver(peer: NodeRecord, states: readonly SyncState[]): Promise<number | null> {
    const { store, swarms, now, onReceived } = this.#options;
    const own = swarms.own()?.id;
    let taken = 0;
    for (let ids = states.map(({ id }) => id); ids.length > 0; ) {
      const reply = await this.#ask(peer, 'sn.sync_contents', encodeIds(ids.slice(0, IDS_AT_A_TIME)));
      if (!reply) return null;
      const contents = decodeContents(reply[0]!);
      const belongs = (account: Uint8Array) => own !== undefined && swarms.swarmOf(account)?.id === own;
      const verified = verifyContents(contents, { store, now: now(), belongs });
      const adopted = await store.adopt(verified, (namespace) => namespaceRules(namespace).publicOutbox, now());
      for (const { message, state } of adopted) {
        if (message) onReceived({ ...message, hash: state.id, expiry: state.expiry });
      }
      taken += adopted.length;
      const last = contents.at(-1)?.state.id;
      ids = ids.slice(last === undefined ? IDS_AT_A_TIME : Math.max(ids.indexOf(last), 0) + 1);
    }
    return taken;
  }

  /** The parts of a good answer after `OK`, at least one; else `null`. */
  async #ask(peer: NodeRecord, command: string, request: Uint8Array): Promise<readonly Uint8Array[] | null> {
    const { peers, signal } = this.#options;
    const reply = signal.aborted ? null : await peers.request(peer, command, [request], TIMEOUT_MS);
    if (!reply || reply.length < 2 || Buffer.from(reply[0]!).toString('latin1') !== 'OK') return null;
    return reply.slice(1);
  }

  /** What a peer got wrong, or a store that fails, ends the work of this time; false then. */
  async #guarded(work: () => Promise<boolean>): Promise<boolean> {
    const { log } = this.#options;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreFailure) && !(error instanceof WireError)) throw error;
      if (error.code !== 'closed') log.warn({ code: error.code }, 'Comparing messages with another node failed.');
      return false;
    }
  }
}

function swarmsIn({ swarmIds }: NodeList, own: string): string {
  return [own, ...swarmIds.map(formatSwarmId)].join();
}

function isEqual(theirs: RangeSummary, ours: RangeSummary): boolean {
  return theirs.count === ours.count && equalBytes(theirs.fingerprint, ours.fingerprint);
}

function isSmall({ level }: SyncRange, theirs: RangeSummary, ours: RangeSummary): boolean {
  if (level === BUCKET_LEVEL) return true;
  return theirs.count + ours.count <= FEW_STATES || (ours.count === 0 && theirs.count <= FEW_NEW_STATES);
}

/** What has expired is not fetched, unless that is news. */
function isWanted(theirs: SyncState, ours: SyncState | undefined, now: number): boolean {
  const isOver = theirs.kind === 'kept' && theirs.expiry <= now;
  return isNewerState(theirs, ours) && !(isOver && ours?.kind !== 'kept');
}
