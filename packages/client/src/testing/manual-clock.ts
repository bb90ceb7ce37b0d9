import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../surroundings.ts';

interface Sleeper {
  at: number;
  readonly wake: () => void;
}

/** Turns of the event loop after which everything that can run has run. */
const SETTLE_TURNS = 12;

/** Time that passes only when a test says so; then sleepers wake in order, each one's work done before the next. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const sleeper: Sleeper = { at: this.#now + ms, wake };
    this.#sleepers.add(sleeper);
    signal.addEventListener('abort', wake, { once: true });
    return promise;
  }

  /** Lets time pass, and all that happens in it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#next();
      if (!next || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = end;
    await settle();
  }

  /** Somebody sets the clock by this much; whoever sleeps does not notice. */
  set(byMs: number): void {
    this.#now += byMs;
    for (const sleeper of this.#sleepers) sleeper.at += byMs;
  }

  /** Lets time pass until something is true. @throws if it is still not true after `limitMs` of this clock. */
  async until(condition: () => boolean, limitMs = 600_000): Promise<void> {
    const end = this.#now + limitMs;
    for (;;) {
      await settle();
      if (condition()) return;
      const next = this.#next();
      if (!next || next.at > end) throw new Error('it did not come true in time');
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
  }

  #next(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) if (!first || sleeper.at < first.at) first = sleeper;
    return first;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await nextTurn();
}
