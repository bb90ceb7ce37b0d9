const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * Cuts a stream that arrives in chunks of any size into pieces of known sizes. Each byte is copied a bounded number of
 * times, and no more memory is taken than twice what has arrived.
 */
export class Inbox {
  #chunk = EMPTY;
  #offset = 0;
  /** The beginning of a piece of which the rest has not arrived. */
  #partial = EMPTY;
  #filled = 0;

  /** Bytes taken for a piece of which the rest has not arrived. */
  get heldBytes(): number {
    return this.#partial.length;
  }

  /** Adds the next chunk; the one before must have been taken wholly. */
  add(chunk: Uint8Array): void {
    // As a plain array, because `slice` of a Buffer is no copy.
    this.#chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#offset = 0;
  }

  /** The next byte, where no piece has begun; null if it has not arrived. */
  takeByte(): number | null {
    if (this.#offset < this.#chunk.length) return this.#chunk[this.#offset++]!;
    this.#letGo();
    return null;
  }

  /**
   * The next `size` bytes, possibly as a view of a chunk; null if they have not all arrived, and then the chunk is
   * taken wholly and the call must be repeated with the same size.
   */
  take(size: number): Uint8Array | null {
    const start = this.#offset;
    const available = this.#chunk.length - start;
    if (this.#filled === 0 && available >= size) {
      this.#offset = start + size;
      return this.#chunk.subarray(start, this.#offset);
    }
    const added = Math.min(size - this.#filled, available);
    this.#reserve(this.#filled + added, size);
    this.#partial.set(this.#chunk.subarray(start, start + added), this.#filled);
    this.#offset = start + added;
    this.#filled += added;
    if (this.#filled < size) {
      this.#letGo();
      return null;
    }
    const piece = this.#partial;
    this.#partial = EMPTY;
    this.#filled = 0;
    return piece.subarray(0, size);
  }

  /** An idle connection shall not hold on to its last chunk. */
  #letGo(): void {
    this.#chunk = EMPTY;
    this.#offset = 0;
  }

  #reserve(needed: number, whole: number): void {
    if (needed <= this.#partial.length) return;
    const larger = new Uint8Array(Math.min(whole, Math.max(needed, this.#partial.length * 2)));
    larger.set(this.#partial.subarray(0, this.#filled));
    this.#partial = larger;
  }
}
