import type { Clock } from './surroundings.ts';

/** Lets a loop sleep until time passes or somebody wakes it; a call before the sleep is not lost. */
export class WakeUp {
  #called = false;
  #wake: (() => void) | null = null;

  /** Ends the current or the next sleep. */
  call(): void {
    this.#called = true;
    this.#wake?.();
  }

  /** Sleeps up to `ms`, less if called or aborted. */
  async sleep(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#called && !signal.aborted) {
      const ending = new AbortController();
      this.#wake = () => ending.abort();
      await clock.sleep(ms, AbortSignal.any([signal, ending.signal]));
      this.#wake = null;
    }
    this.#called = false;
  }
}
