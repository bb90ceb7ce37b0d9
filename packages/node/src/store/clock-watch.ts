const MOST_DRIFT_MS = 60_000;
const DISTRUST_MS = 600_000;

/**
 * Says whether the clock may decide that messages have expired. After it jumped, one of the two times was wrong, and
 * nothing is removed for ten minutes, in which it may be put right.
 */
export class ClockWatch {
  #last: { readonly wall: number; readonly monotonic: number } | null = null;
  #distrustedUntil = Number.NEGATIVE_INFINITY;

  /** To be called often, with both clocks in ms. */
  isTrusted(wall: number, monotonic: number): boolean {
    const drift = this.#last ? wall - this.#last.wall - (monotonic - this.#last.monotonic) : 0;
    if (Math.abs(drift) > MOST_DRIFT_MS) this.#distrustedUntil = monotonic + DISTRUST_MS;
    this.#last = { wall, monotonic };
    return monotonic >= this.#distrustedUntil;
  }
}
