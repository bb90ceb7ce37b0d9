/** A giver that says nothing for so long has stopped, ms. */
const SILENCE_MS = 2_000;
/** Nobody keeps others waiting for longer, ms. */
const LONGEST_TURN_MS = 60_000;

/** Who hands messages over to this node at the moment (sync §10): one after the other, so that none comes twice. */
export class HandoverTurns {
  #giver: string | null = null;
  #began = 0;
  #last = 0;

  /** May this giver (hex key) go on? Its turn begins, or lasts on. @param now of a clock that never goes back, ms. */
  take(giver: string, now: number): boolean {
    if (this.isTaken(now) && this.#giver !== giver) return false;
    if (!this.isTaken(now)) {
      // Who was too long has to let others go first.
      if (this.#giver === giver && now < this.#began + 2 * LONGEST_TURN_MS && now >= this.#began + LONGEST_TURN_MS) {
        return false;
      }
      this.#giver = giver;
      this.#began = now;
    }
    this.#last = now;
    return true;
  }

  /** The giver has nothing more. */
  end(giver: string): void {
    if (this.#giver === giver) this.#giver = null;
  }

  isTaken(now: number): boolean {
    return this.#giver !== null && now < Math.min(this.#last + SILENCE_MS, this.#began + LONGEST_TURN_MS);
  }
}
