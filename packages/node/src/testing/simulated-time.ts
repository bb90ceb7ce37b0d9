import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Time } from '../timers.ts';

/** Time of which one ms is a turn of the event loop: what happens does not depend on how fast the machine is. */
export class SimulatedTime implements Time {
  #now = 0;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const sleeper = { until: this.#now + ms, wake };
    this.#sleepers.add(sleeper);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    signal.removeEventListener('abort', wake);
    this.#sleepers.delete(sleeper);
  }

  /** Lets so many ms pass. */
  async pass(ms: number): Promise<void> {
    for (const end = this.#now + ms; this.#now < end; ) {
      await nextTurn();
      this.#now++;
      for (const { until, wake } of this.#sleepers) if (until <= this.#now) wake();
    }
  }
}
