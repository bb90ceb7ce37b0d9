import { setTimeout as delay } from 'node:timers/promises';

/** Does something at once and then again and again, with a pause in between, until the signal aborts. */
export async function repeat(work: () => void | Promise<void>, pause: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work();
    await delay(pause, undefined, { signal }).catch(() => {});
  }
}
