import type { Log } from '../log.ts';
import type { StoreFailure } from './message-store.ts';

const REPEAT_MS = 60_000;

/** Counts and logs failures of the message store: each kind at once, and then at most once a minute while it lasts. */
export class StoreHealth {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #loggedAt = new Map<string, number>();
  readonly #failures = new Map<string, number>();

  constructor(log: Log, monotonicNow: () => number) {
    this.#log = log;
    this.#now = monotonicNow;
  }

  /** How often the store failed since the start, by code. */
  failures(): Record<string, number> {
    return Object.fromEntries(this.#failures);
  }

  failed({ code, message }: StoreFailure): void {
    const now = this.#now();
    if (code === 'closed') return;
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
    if (now - (this.#loggedAt.get(code) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    this.#loggedAt.set(code, now);
    this.#log.error({ code }, `Messages cannot be kept or read: ${message}.`);
  }
}
