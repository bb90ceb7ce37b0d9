import { setTimeout as delay } from 'node:timers/promises';

/** The clock and the pauses of what runs by itself; a simulation has its own. */
export interface Time {
  /** Ms of a clock that never goes back. */
  now(): number;
  /** Resolves after `ms`, or when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** Time as it passes outside of simulations. */
export const REAL_TIME: Time = {
  now: () => performance.now(),
  pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
};

/** Does something at once and then again and again, with a pause in between, until the signal aborts. */
export async function repeat(work: () => void | Promise<void>, pause: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work();
    await REAL_TIME.pause(pause, signal);
  }
}

/** Ends a pause early. What rings while nobody pauses ends the next pause at once. */
export class Bell {
  readonly #time: Time;
  #rung = Promise.withResolvers<void>();

  constructor(time: Time) {
    this.#time = time;
  }

  ring(): void {
    this.#rung.resolve();
  }

  /** Resolves when it rings, after `longest` ms, or when the signal aborts. */
  async pause(longest: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener('abort', end, { once: true });
    await Promise.race([this.#time.pause(longest, over.signal), this.#rung.promise]);
    signal.removeEventListener('abort', end);
    end();
    this.#rung = Promise.withResolvers();
  }
}
