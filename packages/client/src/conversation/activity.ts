import type { Random } from '@sotto/wire/bytes';
import type { Polling } from '../profile/options.ts';
import { type Clock, jittered } from '../surroundings.ts';

const JITTER = 0.2;

/** Decides how long to wait between two polls: shorter for a while after something happened. */
export class Activity {
  readonly #polling: Polling;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onBegin = new Set<() => void>();
  #activeUntil = 0;

  constructor(polling: Polling, clock: Clock, random: Random) {
    this.#polling = polling;
    this.#clock = clock;
    this.#random = random;
  }

  /** A message was sent or received, or the person looked at one. */
  note(): void {
    const wasActive = this.#isActive();
    this.#activeUntil = this.#clock.now() + this.#polling.activeForMs;
    if (!wasActive) for (const listener of this.#onBegin) listener();
  }

  /** Calls `listener` whenever activity begins after a quiet time. */
  onBegin(listener: () => void): void {
    this.#onBegin.add(listener);
  }

  /** The next pause, ms, never the same twice (onion-requests §7.4, 8). */
  pause(): number {
    const { activeMs, idleMs } = this.#polling;
    return jittered(this.#isActive() ? activeMs : idleMs, JITTER, this.#random);
  }

  #isActive(): boolean {
    return this.#clock.now() < this.#activeUntil;
  }
}
