import { setTimeout as delay } from 'node:timers/promises';

/** Does something at once and then again and again, with a pause in between, until the signal aborts. */
export async function repeat(work: () => void | Promise<void>, pause: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work();
    await delay(pause, undefined, { signal }).catch(() => {});
  }
}

/** Ends a pause early. What rings while nobody pauses ends the next pause at once. */
export class Bell {
  #rung = Promise.withResolvers<void>();

  ring(): void {
    this.#rung.resolve();
  }

  /** Resolves when it rings, after `longest` ms, or when the signal aborts. */
  async pause(longest: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener('abort', end, { once: true });
    await Promise.race([delay(longest, undefined, { signal: over.signal }).catch(() => {}), this.#rung.promise]);
    signal.removeEventListener('abort', end);
    end();
    this.#rung = Promise.withResolvers();
  }
}
