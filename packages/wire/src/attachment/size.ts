import { WireError } from '../errors.ts';

/**
 * The attachment without what follows its stated size, in bytes (messages §5.16).
 * @throws WireError `attachment` if it is shorter than stated.
 */
export function cutToSize(opened: Uint8Array, size: number): Uint8Array {
  if (opened.length < size) throw new WireError('attachment', 'the attachment is shorter than its stated size');
  return opened.subarray(0, size);
}
