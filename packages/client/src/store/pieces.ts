import { hash } from 'node:crypto';

/** Bytes of a name. */
export const NAME_BYTES = 16;
/** A piece has 6 KiB on average. */
const LEAST_BYTES = 2048;
const MOST_BYTES = 65_536;
/** A piece ends where this many bits of a mixture of the last four bytes are zero: one place in 4096. */
const END_BITS = 12;
const MIXER = 0x9e3779b1;
/** A change replaces a few pieces. */
const LOOK_AHEAD = 4;

/** A piece of some bytes, named after its content. */
export interface Piece {
  /** The first {@link NAME_BYTES} bytes of a SHA-256, which is fast where processors have it. */
  readonly name: Uint8Array;
  /** A view. */
  readonly bytes: Uint8Array;
}

/**
 * Cuts bytes where their content says so, not after so many of them: a change leaves most pieces as they were, also
 * when what follows it moves. `before`: pieces of similar bytes, if there are any; what is equal is taken over from there.
 */
export function cutIntoPieces(bytes: Uint8Array, before: readonly Piece[] = []): Piece[] {
  const pieces: Piece[] = [];
  let place = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = findAt(bytes, start, before, place);
    if (found !== null) place = found + 1;
    const end = found === null ? endOf(bytes, start) : start + before[found]!.bytes.length;
    const piece = bytes.subarray(start, end);
    const name = found === null ? hash('sha256', piece, 'buffer').subarray(0, NAME_BYTES) : before[found]!.name;
    pieces.push({ name, bytes: piece });
    start = end;
  }
  return pieces;
}

/** Which of the next few pieces stands here, if one does. */
function findAt(bytes: Uint8Array, start: number, pieces: readonly Piece[], place: number): number | null {
  for (let index = place; index < Math.min(place + LOOK_AHEAD, pieces.length); index++) {
    const { bytes: piece } = pieces[index]!;
    if (Buffer.compare(bytes.subarray(start, start + piece.length), piece) === 0) return index;
  }
  return null;
}

function endOf(bytes: Uint8Array, start: number): number {
  const last = Math.min(start + MOST_BYTES, bytes.length);
  const first = Math.min(start + LEAST_BYTES, last);
  let window = 0;
  for (let index = Math.max(first - 4, start); index < last; index++) {
    window = (window << 8) | bytes[index]!;
    if (Math.imul(window, MIXER) >>> (32 - END_BITS) === 0 && index >= first) return index + 1;
  }
  return last;
}
