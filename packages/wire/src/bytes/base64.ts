import { WireError } from '../errors.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Standard alphabet, padded. */
export function bytesToBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** Standard alphabet without padding, as message hashes are written. */
export function bytesToBase64Unpadded(bytes: Uint8Array): string {
  return bytesToBase64(bytes).replace(/=+$/, '');
}

/**
 * Reads standard base64, unpadded or correctly padded; trailing bits are not checked (storage-rpc §3.3).
 * @throws WireError `encoding` for other characters, white space, wrong padding or a length ≡ 1 mod 4.
 */
export function base64ToBytes(text: string): Uint8Array {
  const digits = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  const paddingFits = digits === text.length || text.length % 4 === 0;
  if (!BASE64.test(text) || digits % 4 === 1 || !paddingFits) throw new WireError('encoding', 'not base64');
  return Buffer.from(text, 'base64');
}
