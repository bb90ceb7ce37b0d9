import { averageOffset, type ClockOffsets, withNodeTime } from '@sotto/wire/clock';
import type { Clock } from '../surroundings.ts';
import { median } from './median.ts';
import { type NetworkMemory, remember } from './memory.ts';

const MEMORY_NAME = 'clock';
/** Smaller changes are not worth a write, ms. */
const SAVED_STEP_MS = 500;
/** No node tells a later time than this and means it (the year 2100), ms. */
const LATEST_TIME = 4_102_444_800_000;
/** The farthest offset that is taken over from an earlier run: a hundred years, ms. */
const FARTHEST_MS = 3_200_000_000_000;

/** A single answer this far from what the others say is not believed, ms. */
const OUTLIER_MS = 20_000;
/** So many answers in a row that disagree mean that we are the ones who are wrong. */
const MOST_OUTLIERS = 3;

/**
 * Network time, from what nodes say inside authenticated answers (onion-requests §5.4). One node that lies about the
 * time does not move it once others have been heard. What was known last is kept over restarts, for messages that are
 * written before the first answer.
 */
export class NetworkClock {
  readonly #clock: Clock;
  #offsets: ClockOffsets = [];
  #outliers = 0;
  readonly #memory: NetworkMemory;
  #saved: number;

  constructor(clock: Clock, memory: NetworkMemory) {
    this.#clock = clock;
    this.#memory = memory;
    this.#saved = readOffset(memory.read(MEMORY_NAME));
  }

  /** ms. */
  now(): number {
    return this.#clock.now() - (this.#offsets.length > 0 ? averageOffset(this.#offsets) : this.#saved);
  }

  /**
   * Takes the `t` of an answer that came just now.
   * @returns whether so many answers disagree that the clock should be measured anew.
   */
  sample(nodeTime: number): boolean {
    if (nodeTime > LATEST_TIME) return false;
    const localTime = this.#clock.now();
    const isOutlier =
      this.#offsets.length > 0 && Math.abs(localTime - nodeTime - averageOffset(this.#offsets)) > OUTLIER_MS;
    if (isOutlier) return ++this.#outliers >= MOST_OUTLIERS;
    this.#outliers = 0;
    this.#offsets = withNodeTime(this.#offsets, localTime, nodeTime);
    this.#save();
    return false;
  }

  /** Local time − node time, ms, for an answer that came just now; `null` if that is no time that a node can mean. */
  offsetFrom(nodeTime: number): number | null {
    if (nodeTime > LATEST_TIME) return null;
    return withNodeTime([], this.#clock.now(), nodeTime)[0] ?? null;
  }

  /** Starts again from the median of what several nodes say; `offsets` as {@link offsetFrom} gives them. */
  measure(offsets: readonly number[]): void {
    const offset = median(offsets);
    if (offset === null) return;
    this.#offsets = [offset];
    this.#outliers = 0;
    this.#save();
  }

  #save(): void {
    const offset = averageOffset(this.#offsets);
    if (Math.abs(offset - this.#saved) < SAVED_STEP_MS) return;
    if (remember(this.#memory, MEMORY_NAME, String(offset))) this.#saved = offset;
  }
}

/** What an earlier run measured; 0 if that cannot be read. */
function readOffset(bytes: Uint8Array | null): number {
  const offset = bytes ? Number(Buffer.from(bytes).toString()) : 0;
  return Number.isSafeInteger(offset) && Math.abs(offset) < FARTHEST_MS ? offset : 0;
}
