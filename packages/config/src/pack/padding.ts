import { SEAL_OVERHEAD } from './seal.ts';

/** Sealed sizes below the limit are multiples of the step beside it. */
const SIZE_CLASSES: readonly [below: number, step: number][] = [
  [5120, 256],
  [20_480, 1024],
  [40_960, 2048],
  [Number.POSITIVE_INFINITY, 5120],
];

/** Length of a plaintext of `size` bytes after padding (config §7). */
export function paddedSize(size: number): number {
  const sealed = size + SEAL_OVERHEAD;
  const [, step] = SIZE_CLASSES.find(([below]) => sealed < below)!;
  return Math.ceil(sealed / step) * step - SEAL_OVERHEAD;
}

/** Zero bytes in front, so that the length says little about the content (config §7 step 2). */
export function pad(packed: Uint8Array): Uint8Array {
  const size = paddedSize(packed.length);
  const padded = new Uint8Array(size);
  padded.set(packed, size - packed.length);
  return padded;
}

/** What stands behind all leading zero bytes, whoever put them there (config §7.4). */
export function unpad(padded: Uint8Array): Uint8Array {
  let start = 0;
  while (padded[start] === 0) start++;
  return padded.subarray(start);
}
