import { WireError } from '../errors.ts';

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769';

/** base32z, most significant bits first, last character filled with zero bits (node-network §1). */
export function bytesToBase32z(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >> bits) & 31];
    }
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text;
}

/**
 * Reads base32z of either case; bits that do not fill a byte are dropped.
 * @throws WireError `encoding` for a character outside the alphabet.
 */
export function base32zToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let buffer = 0;
  let bits = 0;
  let written = 0;
  for (const character of text.toLowerCase()) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) throw new WireError('encoding', 'not base32z');
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[written++] = (buffer >> bits) & 0xff;
    }
  }
  return bytes;
}
