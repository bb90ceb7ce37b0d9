/** Bytes that come in pieces of whatever size, taken in those that are needed. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** So many bytes; fewer only at the end. */
  async read(count: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next();
        if (next.done) break;
        this.#rest = new Uint8Array(next.value);
      }
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      pieces.push(piece);
    }
    return pieces.length === 1 ? pieces[0]! : new Uint8Array(Buffer.concat(pieces));
  }

  /** Nothing more is wanted; lets the source end. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
