import { WireError } from '@sotto/wire';
import {
  decodeIds,
  decodeRanges,
  encodeContents,
  encodeIds,
  encodeRanges,
  encodeStates,
  encodeSummaries,
  type SyncRange,
  type SyncState,
} from '@sotto/wire/sync';
import { StoreFailure, type SyncStore } from '../store/message-store.ts';

const OK = Buffer.from('OK');
const STATES_AT_A_TIME = 20_000;
/** Of one range; then they take 4.5 MB. */
export const MOST_STATES = 100_000;
const CONTENT_BYTES = 1_000_000;
/** That are looked at in one request. */
export const MOST_IDS = 2_000;

/**
 * Answers members of the own swarm who compare their stores with ours (sync §2 to §4): `OK` and what they asked for, or
 * one text.
 */
export class SyncAnswers {
  readonly #store: SyncStore;
  readonly #isLoaded: () => boolean;

  constructor(store: SyncStore, isLoaded: () => boolean) {
    this.#store = store;
    this.#isLoaded = isLoaded;
  }

  /** `sn.sync_ranges` */
  ranges([request]: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.#answer(async () => [encodeSummaries(await this.#store.summaries(decodeRanges(request ?? NOTHING)))]);
  }

  /** `sn.sync_states`: those of the first ranges, as many as fit, and how many ranges that were. */
  states([request]: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.#answer(() => {
      const answered: SyncRange[] = [];
      const states: SyncState[] = [];
      for (const range of decodeRanges(request ?? NOTHING)) {
        answered.push(range);
        for (const state of this.#store.states(range, MOST_STATES)) states.push(state);
        if (states.length >= STATES_AT_A_TIME) break;
      }
      return [encodeRanges(answered), encodeStates(states)];
    });
  }

  /** `sn.sync_contents`: those of the first ids, as many as fit; ids that are unknown here are passed over. */
  contents([request]: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.#answer(() => {
      const ids = decodeIds(request ?? NOTHING).slice(0, MOST_IDS);
      return [encodeContents(this.#store.contents(ids, CONTENT_BYTES))];
    });
  }

  /** `sn.sync_wanted`: which of the messages that another swarm hands over are not here yet (sync §10). */
  wanted([request]: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.#answer(() => [encodeIds(this.#store.unknown(decodeIds(request ?? NOTHING).slice(0, MOST_IDS)))]);
  }

  async #answer(answer: () => Uint8Array[] | Promise<Uint8Array[]>): Promise<Uint8Array[]> {
    if (!this.#isLoaded()) return [Buffer.from('Not ready')];
    try {
      return [OK, ...(await answer())];
    } catch (error) {
      if (error instanceof WireError) return [Buffer.from('Request payload malformed')];
      if (error instanceof StoreFailure) return [Buffer.from('Failed to read messages')];
      throw error;
    }
  }
}

const NOTHING = new Uint8Array();
