/** An integer of signed 64 bit, or a byte string (config §2). */
export type Scalar = bigint | Uint8Array;

/** Integers come before strings; integers are ordered by size, strings by unsigned bytes (config §2). */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? (a < b ? -1 : a > b ? 1 : 0) : -1;
  return typeof b === 'bigint' ? 1 : Buffer.compare(a, b);
}
