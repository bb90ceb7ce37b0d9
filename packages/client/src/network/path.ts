import type { GuardVerdict } from '@sotto/wire/onion';
import type { Relay } from './relay.ts';

/** A way through the network, guard first, and what is known against it. */
export class Path {
  readonly relays: readonly Relay[];
  /** Local time, ms. */
  readonly builtAt: number;
  /** When middle and exit are to be replaced, local time, ms. */
  readonly rotateAt: number;
  /** Destinations whose requests failed over this path and nobody knows yet why. */
  readonly accusers = new Map<string, Relay>();
  /** What the guard said about the last failure: a hint, not a proof. */
  hint: Exclude<GuardVerdict, { action: 'open' }> | null = null;
  /** The guard cannot be reached any more. */
  isCut = false;
  /** Destinations that failed over this path and answered over another one right after, once for each time. */
  contradictions: string[] = [];

  constructor(relays: readonly Relay[], builtAt: number, rotateAt: number) {
    this.relays = relays;
    this.builtAt = builtAt;
    this.rotateAt = rotateAt;
  }

  get guard(): Relay {
    return this.relays[0]!;
  }

  /** Is it being examined because a request failed? */
  get isSuspect(): boolean {
    return this.isCut || this.accusers.size > 0;
  }
}
