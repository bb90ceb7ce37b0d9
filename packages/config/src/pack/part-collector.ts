import { bytesToHex, concatBytes } from '@sotto/wire/bytes';
import { ConfigError } from '../errors.ts';
import { type Part, wholeHash } from './multipart.ts';

const DAY = 24 * 60 * 60 * 1000;
const INCOMPLETE_LIFETIME = 7 * DAY;
const FINISHED_LIFETIME = 14 * DAY;

/** What is known of the parts of one whole. `expiry` is in ms since 1970. */
export type PartSet =
  | { readonly done: true; readonly expiry: number }
  | {
      readonly done: false;
      readonly expiry: number;
      readonly count: number;
      readonly parts: ReadonlyMap<number, StoredPart>;
    };

/** A part that waits for the others, and the storage hash of the message that brought it. */
export interface StoredPart {
  readonly hash: string;
  readonly chunk: Uint8Array;
}

/** What a part completed: the whole, and the storage hashes of all its parts. */
export interface Completed {
  readonly whole: Uint8Array;
  readonly hashes: readonly string[];
}

/** Keeps parts until their wholes are complete, across polls and restarts (config §7.2). */
export class PartCollector {
  readonly #sets: Map<string, PartSet>;

  constructor(sets: Iterable<readonly [whole: string, set: PartSet]> = []) {
    this.#sets = new Map(sets);
  }

  /** Everything that is kept, for storing. */
  get sets(): ReadonlyMap<string, PartSet> {
    return this.#sets;
  }

  /** Storage hashes of the parts of incomplete wholes: they must be kept alive in the swarm. */
  get waiting(): string[] {
    return [...this.#sets.values()].flatMap((set) => (set.done ? [] : [...set.parts.values()].map(({ hash }) => hash)));
  }

  /** Forgets what has expired. Returns whether there was anything. */
  expire(now: number): boolean {
    const before = this.#sets.size;
    for (const [whole, set] of this.#sets) if (set.expiry <= now) this.#sets.delete(whole);
    return this.#sets.size !== before;
  }

  /** Remembers that a whole needs nothing more: its late parts are accepted and ignored. */
  finish(whole: string, now: number): void {
    this.#sets.set(whole, { done: true, expiry: now + FINISHED_LIFETIME });
  }

  /**
   * Takes a part and gives the whole, if it was the last one missing: then nothing more is needed of it. A part that is
   * there already changes nothing.
   * @throws ConfigError `message` for a part that contradicts earlier ones, which changes nothing, or that completes
   * something whose hash is wrong, which stays until it expires.
   */
  add({ whole, index, count, chunk }: Part, hash: string, now: number): Completed | 'known' | 'stored' {
    const set = this.#sets.get(whole);
    if (set?.done) return 'known';
    if (set && set.count !== count) throw new ConfigError('message', 'parts that disagree about their number');
    if (set?.parts.has(index)) return 'known';
    const parts = new Map(set?.parts).set(index, { hash, chunk: chunk.slice() });
    this.#sets.set(whole, { done: false, expiry: now + INCOMPLETE_LIFETIME, count, parts });
    if (parts.size < count) return 'stored';
    const ordered = Array.from({ length: count }, (_, position) => parts.get(position)!);
    const joined = concatBytes(...ordered.map((part) => part.chunk));
    if (bytesToHex(wholeHash(joined)) !== whole) throw new ConfigError('message', 'parts that do not make the whole');
    this.finish(whole, now);
    return { whole: joined, hashes: ordered.map((part) => part.hash) };
  }
}
