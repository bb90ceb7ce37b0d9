import type { Clock } from './surroundings.ts';

/** How often the clock is looked at, ms. */
const EVERY_MS = 10_000;
/** A sleep may take this much longer than asked for on a busy machine, ms. */
const TOLERANCE_MS = 10_000;

/**
 * Calls `onJump` when the machine has slept, or its clock was set: connections that stood before may be dead, and nobody
 * has told. Works until the signal aborts.
 */
export async function watchForJumps(clock: Clock, onJump: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const expected = clock.now() + EVERY_MS;
    await clock.sleep(EVERY_MS, signal);
    if (!signal.aborted && Math.abs(clock.now() - expected) > TOLERANCE_MS) onJump();
  }
}
