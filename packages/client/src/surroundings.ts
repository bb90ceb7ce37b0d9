import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@sotto/wire/bytes';

/** The passing of time, as the engine sees it; replaced in tests. */
export interface Clock {
  /** Local Unix time in ms. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Where the engine reports what it does, for developers. It never passes an account, an address or a content. */
export interface Logger {
  /** For whoever looks for a fault in the engine. */
  debug(details: object, message: string): void;
  /** Something that happens now and then and is fine. */
  info(details: object, message: string): void;
  /** Something that should not happen and that the engine got over. */
  warn(details: object, message: string): void;
}

/** Everything that the engine takes from the machine it runs on, apart from files. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  },
};

/** Random bytes of the operating system. */
export const systemRandom: Random = (size) => randomBytes(size);

/** Keeps quiet. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {} };

/**
 * How long to wait for a local time, ms; 0 if it has come, and also if it is farther away than it was ever set (`longest`):
 * then the clock has been set back since.
 */
export function timeUntil(at: number, longest: number, clock: Clock): number {
  const rest = at - clock.now();
  return rest > longest ? 0 : Math.max(0, rest);
}

/** A uniformly random integer from 0 to `count − 1`; `count` 1 to 2^32. */
export function randomBelow(count: number, random: Random): number {
  const limit = 2 ** 32 - (2 ** 32 % count);
  for (;;) {
    const bytes = random(4);
    const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (value < limit) return value % count;
  }
}

/** A new array in uniformly random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = randomBelow(last + 1, random);
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}

/** `value` ± up to `share` of it, unpredictable (onion-requests §7.4, 8). */
export function jittered(value: number, share: number, random: Random): number {
  return Math.round(value * (1 - share + (2 * share * randomBelow(10_001, random)) / 10_000));
}
