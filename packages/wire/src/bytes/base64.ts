import { WireError } from '../errors.ts';

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
  const bytes = Buffer.from(text, 'base64');
  // What the decoder does not know it leaves out or stops at; a regular expression takes ten times as long to tell.
  const isWhole = bytes.length === Math.floor((digits * 3) / 4);
  if (!isWhole || digits % 4 === 1 || !paddingFits || !isStandard(text)) throw new WireError('encoding', 'not base64');
  return bytes;
}

/** The decoder also takes the alphabet of URLs, and characters for what their lowest byte stands for. */
function isStandard(text: string): boolean {
  return !text.includes('-') && !text.includes('_') && Buffer.byteLength(text) === text.length;
}
