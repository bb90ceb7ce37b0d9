import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  addFingerprint,
  BUCKETS,
  bucketOf,
  bucketsOf,
  type RangeSummary,
  type SyncRange,
  type SyncState,
} from '@sotto/wire/sync';
import type { AccountState, StateTable } from './state-table.ts';

const LANES = 4;
const PAGE = 2000;
const BUCKETS_A_TURN = 100;

/**
 * Counts and fingerprints of what the store knows (sync §2), in memory: 1.4 MB whatever there is. They are made by one
 * walk over the database and kept true by looking again at buckets in which something changed; so neither storing nor
 * a crash can make them wrong.
 */
export class RangeSummaries {
  readonly #table: StateTable;
  readonly #counts = new Uint32Array(BUCKETS);
  readonly #sums = new Uint32Array(BUCKETS * LANES);
  readonly #changed = new Uint8Array(BUCKETS);
  /** First bytes that accounts have here. */
  readonly #prefixes = new Set<number>();
  #belongs: (account: Uint8Array) => boolean = () => true;

  constructor(table: StateTable) {
    this.#table = table;
  }

  /** Something of this account changes. */
  mark(account: Uint8Array): void {
    this.#prefixes.add(account[0]!);
    this.#changed[bucketOf(account)] = 1;
  }

  /** Begins anew, counting only accounts that belong here; false if the signal ended it. */
  async load(belongs: (account: Uint8Array) => boolean, signal: AbortSignal): Promise<boolean> {
    this.#belongs = belongs;
    this.#counts.fill(0);
    this.#sums.fill(0);
    this.#changed.fill(0);
    for (const each of this.#table.gone()) this.#add(each);
    for (let after = 0; !signal.aborted; ) {
      const { states, last } = this.#table.page(after, PAGE);
      if (states.length === 0) return true;
      for (const each of states) this.#add(each);
      after = last;
      await nextTurn();
    }
    return false;
  }

  /** Looks again at what changed in the ranges, then sums them up. */
  async summaries(ranges: readonly SyncRange[]): Promise<RangeSummary[]> {
    let looked = 0;
    for (const range of ranges) {
      const { start, end } = bucketsOf(range);
      for (let at = this.#changed.indexOf(1, start); at >= 0 && at < end; at = this.#changed.indexOf(1, at + 1)) {
        this.#lookAgain(at);
        if (++looked % BUCKETS_A_TURN === 0) await nextTurn();
      }
    }
    return ranges.map((range) => this.#sum(range));
  }

  /** All states in a range. */
  *states(range: SyncRange): Generator<SyncState> {
    const { start, end } = bucketsOf(range);
    for (const prefix of this.#prefixes) {
      const first = Uint8Array.of(prefix, start >> 8, start & 0xff);
      const last = new Uint8Array(33).fill(0xff);
      last.set([prefix, (end - 1) >> 8, (end - 1) & 0xff]);
      for (const each of this.#table.between(first, last)) if (this.#belongs(each.account)) yield each.state;
    }
  }

  #sum(range: SyncRange): RangeSummary {
    const { start, end } = bucketsOf(range);
    const sum = new Uint32Array(LANES);
    let count = 0;
    for (let bucket = start; bucket < end; bucket++) {
      if (this.#counts[bucket] === 0) continue;
      count += this.#counts[bucket]!;
      for (let lane = 0; lane < LANES; lane++) sum[lane]! ^= this.#sums[bucket * LANES + lane]!;
    }
    return { count, fingerprint: new Uint8Array(sum.buffer) };
  }

  #add({ account, state }: AccountState): void {
    this.#prefixes.add(account[0]!);
    if (!this.#belongs(account)) return;
    const bucket = bucketOf(account);
    this.#counts[bucket]!++;
    addFingerprint(this.#sums, bucket * LANES, state);
  }

  #lookAgain(bucket: number): void {
    this.#changed[bucket] = 0;
    this.#counts[bucket] = 0;
    this.#sums.fill(0, bucket * LANES, (bucket + 1) * LANES);
    for (const state of this.states({ level: 4, index: bucket })) {
      this.#counts[bucket]!++;
      addFingerprint(this.#sums, bucket * LANES, state);
    }
  }
}
