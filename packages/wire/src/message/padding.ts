const BLOCK_BYTES = 160;
const TERMINATOR = 0x80;

/** Bytes of a content of `length` bytes after padding: the next multiple of 160 that has room for the terminator. */
export function paddedLength(length: number): number {
  return BLOCK_BYTES * (Math.floor((length + 1) / BLOCK_BYTES) + 1);
}

/** Writes content ‖ `80` ‖ zeros into the first {@link paddedLength} bytes of `target`, which are zero (messages §4.1). */
export function writePadded(target: Uint8Array, content: Uint8Array): void {
  target.set(content);
  target[content.length] = TERMINATOR;
}

/**
 * The content in front of the padding (messages §4.2 step 6). The length need not be a multiple of anything; zeros
 * without a terminator before them are removed too. Shares memory with `padded`.
 */
export function unpad(padded: Uint8Array): Uint8Array {
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) end--;
  if (end > 0 && padded[end - 1] === TERMINATOR) end--;
  return padded.subarray(0, end);
}
