import { concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { parseSmallJson } from './json-text.ts';

const PREFIX_BYTES = 4;

/** The bytes and the JSON text that travel together at every level of an onion. */
export interface CombinedPayload {
  readonly ciphertext: Uint8Array;
  readonly json: unknown;
}

/** u32 little-endian length ‖ ciphertext ‖ JSON text, which is given as text so that its exact form is the caller's (onion-requests §1.1). */
export function encodePayload(ciphertext: Uint8Array, json: string): Uint8Array {
  const prefix = new Uint8Array(PREFIX_BYTES);
  new DataView(prefix.buffer).setUint32(0, ciphertext.length, true);
  return concatBytes(prefix, ciphertext, utf8ToBytes(json));
}

/**
 * Takes {@link encodePayload} apart; `ciphertext` is a view into `bytes` (onion-requests §1.1).
 * @throws WireError `onion` for a length that does not fit or anything but exactly one JSON text after it.
 */
export function decodePayload(bytes: Uint8Array): CombinedPayload {
  if (bytes.length < PREFIX_BYTES) throw new WireError('onion', 'shorter than the length prefix');
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const end = PREFIX_BYTES + size;
  if (end > bytes.length) throw new WireError('onion', 'the length prefix exceeds the bytes');
  return { ciphertext: bytes.subarray(PREFIX_BYTES, end), json: parseSmallJson(bytes.subarray(end)) };
}
