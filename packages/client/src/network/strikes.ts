import type { Clock } from '../surroundings.ts';

/** A node with this many strikes is passed over. */
const OUT = 3;
/** Strikes are forgotten after this (onion-requests §4.1). */
const EXPIRY_MS = 48 * 3_600_000;

/** Counts failures per node, in memory only (onion-requests §3.4). */
export class Strikes {
  readonly #clock: Clock;
  readonly #strikes = new Map<string, { count: number; readonly since: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(node: string, count = 1): void {
    const strike = this.#current(node);
    if (strike) strike.count += count;
    else this.#strikes.set(node, { count, since: this.#clock.now() });
  }

  /** The node has worked. */
  clear(node: string): void {
    this.#strikes.delete(node);
  }

  /** Forgets everything; a new directory has seen the nodes answer. */
  clearAll(): void {
    this.#strikes.clear();
  }

  count(node: string): number {
    return this.#current(node)?.count ?? 0;
  }

  isOut(node: string): boolean {
    return this.count(node) >= OUT;
  }

  #current(node: string) {
    const strike = this.#strikes.get(node);
    if (strike && this.#clock.now() - strike.since >= EXPIRY_MS) {
      this.#strikes.delete(node);
      return undefined;
    }
    return strike;
  }
}
