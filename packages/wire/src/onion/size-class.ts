import { WireError } from '../errors.ts';
import { MAX_ONION_BYTES } from './edge-body.ts';

const SMALLEST_CLASS = 1024;

/**
 * The size in bytes to which a request of `size` bytes is padded: 1, 2, 4 … 8192 KiB, then the 10 MiB that nodes take
 * at most (onion-requests §7.4.3, §2.6).
 * @throws WireError `onion` if not even the last holds it.
 */
export function sizeClass(size: number): number {
  if (size > MAX_ONION_BYTES) throw new WireError('onion', 'the request is too large');
  let boundary = SMALLEST_CLASS;
  while (boundary < size) boundary *= 2;
  return Math.min(boundary, MAX_ONION_BYTES);
}
