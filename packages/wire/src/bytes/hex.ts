import { WireError } from '../errors.ts';

const HEX = /^(?:[0-9a-fA-F]{2})*$/;

/** Lower-case hex. */
export function bytesToHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/**
 * Reads hex of either case.
 * @throws WireError `encoding` for an odd length or a character that is not hex.
 */
export function hexToBytes(text: string): Uint8Array {
  if (!HEX.test(text)) throw new WireError('encoding', 'not hex');
  return Buffer.from(text, 'hex');
}
