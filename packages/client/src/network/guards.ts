import type { Clock, Logger } from '../surroundings.ts';
import { INFO_BODY } from './info-request.ts';
import { type NetworkMemory, remember } from './memory.ts';
import type { NodePool } from './node-pool.ts';
import { areTooClose, type Relay } from './relay.ts';
import type { Strikes } from './strikes.ts';
import type { Timings } from './timings.ts';
import { type Transport, TransportError } from './transport.ts';

/** How many guards there are, each with a path of its own. */
export const GUARD_COUNT = 2;

const MEMORY_NAME = 'guards';
/** A guard that fails this often in a row is replaced, if others answer. */
const MOST_MISSES = 3;
/** Candidates that are tried at a time; each learns our address, so they are few. */
const CANDIDATES = 3;
/** Guards that may be replaced within an hour, so that nobody can lead us through the whole network (§7.3). */
const MOST_REPLACEMENTS = 6;
const HOUR_MS = 3_600_000;

/** What guards are kept with. */
export interface GuardParts {
  readonly pool: NodePool;
  readonly strikes: Strikes;
  readonly memory: NetworkMemory;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timings: Timings;
}

/** Why there is no guard right now. */
export type GuardShortage = 'offline' | 'unreachable' | 'no-nodes';

/**
 * The nodes through which everything leaves. They are kept over restarts, and one that fails is replaced alone: every
 * new guard is another chance to meet a bad one (onion-requests §4.2).
 */
export class Guards {
  readonly #parts: GuardParts;
  readonly #keys: (string | null)[];
  readonly #misses: number[] = Array<number>(GUARD_COUNT).fill(0);
  /** Candidates under test: two places must not come to the same one. */
  readonly #trying: (Relay | null)[] = Array<Relay | null>(GUARD_COUNT).fill(null);
  #replacements: number[] = [];

  constructor(parts: GuardParts) {
    this.#parts = parts;
    this.#keys = readKeys(parts.memory.read(MEMORY_NAME));
  }

  /** The guards of all places that have one, tested or not. */
  current(): Relay[] {
    return this.#keys.map((key) => key && this.#parts.pool.get(key)).filter((relay) => !!relay);
  }

  /**
   * The guard of a place, after a test: the one it has, or another one if that is gone for good. A guard that fails is
   * given up only after three tests in a row, and only for one that answers: if nobody answers, the network is at
   * fault and not the guard.
   */
  async obtain(place: number, signal: AbortSignal): Promise<Relay | GuardShortage> {
    const kept = this.#kept(place);
    let failure: GuardShortage = 'no-nodes';
    if (kept) {
      const result = await this.#test(kept, signal);
      if (result === 'passed') {
        this.#misses[place] = 0;
        return kept;
      }
      failure = result;
      this.#misses[place]!++;
      if (result === 'offline' || this.#misses[place]! < MOST_MISSES) return result;
    }
    if (kept && !this.#mayReplace()) return failure;
    return await this.#replace(place, kept, failure, signal);
  }

  /** Paths over this guard keep failing although it answers: it is given up, if that has not happened too often. */
  accuse(place: number): void {
    const { strikes, clock } = this.#parts;
    const key = this.#keys[place];
    if (!key || !this.#mayReplace()) return;
    strikes.add(key, MOST_MISSES);
    this.#replacements.push(clock.now());
    this.#keys[place] = null;
  }

  /** The guard of a place if it is still listed. Strikes do not count: others can bring them about. */
  #kept(place: number): Relay | null {
    const key = this.#keys[place];
    return key ? this.#parts.pool.get(key) : null;
  }

  async #replace(
    place: number,
    kept: Relay | null,
    failure: GuardShortage,
    signal: AbortSignal,
  ): Promise<Relay | GuardShortage> {
    let shortage = failure;
    for (let tried = 0; tried < CANDIDATES && !signal.aborted; tried++) {
      const candidate = this.#candidate(place);
      if (!candidate) break;
      this.#trying[place] = candidate;
      const result = await this.#test(candidate, signal).finally(() => {
        this.#trying[place] = null;
      });
      if (result === 'passed') {
        // The network may have come back just now, and the guard with it.
        if (kept && (await this.#test(kept, signal)) === 'passed') return kept;
        this.#adopt(place, candidate);
        return candidate;
      }
      shortage = result;
      if (result === 'offline') break;
      this.#parts.strikes.add(candidate.key);
    }
    return shortage;
  }

  /** Somebody else, apart from the guards of other places and from whom these try; not struck out, if possible. */
  #candidate(place: number): Relay | null {
    const { pool, strikes } = this.#parts;
    const others = this.#keys
      .flatMap((key, index) => (index === place ? [] : [this.#trying[index], key && pool.get(key)]))
      .filter((relay) => !!relay);
    const isOther = (relay: Relay) =>
      relay.key !== this.#keys[place] && others.every((other) => !areTooClose(relay, other, pool.oneSite));
    const [fresh] = pool.draw(1, (relay) => isOther(relay) && !strikes.isOut(relay.key));
    // Where everybody has failed, everybody gets another chance.
    return fresh ?? pool.draw(1, isOther)[0] ?? null;
  }

  #adopt(place: number, guard: Relay): void {
    const { memory, clock, log } = this.#parts;
    if (this.#keys[place]) this.#replacements.push(clock.now());
    this.#keys[place] = guard.key;
    this.#misses[place] = 0;
    const isKept = remember(memory, MEMORY_NAME, JSON.stringify(this.#keys));
    log.info({ place, isKept }, 'chose a guard');
  }

  #mayReplace(): boolean {
    const now = this.#parts.clock.now();
    this.#replacements = this.#replacements.filter((at) => now - at < HOUR_MS);
    return this.#replacements.length < MOST_REPLACEMENTS;
  }

  /** Asks the node itself for `info`, which tells it our address and nothing else. */
  async #test(relay: Relay, signal: AbortSignal): Promise<'passed' | 'offline' | 'unreachable'> {
    const { transport, timings } = this.#parts;
    try {
      const url = `https://${relay.address}/storage_rpc/v1`;
      const { status } = await transport.post(url, INFO_BODY, { signal, timeoutMs: timings.probe });
      return status >= 200 && status < 300 ? 'passed' : 'unreachable';
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return error.failure === 'offline' ? 'offline' : 'unreachable';
    }
  }
}

/** What an earlier run kept; anything unreadable counts as nothing. */
function readKeys(bytes: Uint8Array | null): (string | null)[] {
  const keys: (string | null)[] = Array<string | null>(GUARD_COUNT).fill(null);
  if (!bytes) return keys;
  try {
    const saved: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (!Array.isArray(saved)) return keys;
    return keys.map((_, place) => (/^[0-9a-f]{64}$/.test(String(saved[place])) ? String(saved[place]) : null));
  } catch {
    return keys;
  }
}
