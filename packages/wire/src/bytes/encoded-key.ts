import { base32zToBytes } from './base32z.ts';
import { base64ToBytes } from './base64.ts';
import { hexToBytes } from './hex.ts';

/**
 * Reads a key of 32 bytes as text, told apart by length: 64 hex digits, 43 characters of base64 (or 44 with the padding),
 * 52 of base32z (node-network §1). `null` for any other length; what is read may still be of another size than a key.
 * @throws WireError `encoding` for characters that do not belong there.
 */
export function encodedKeyToBytes(text: string): Uint8Array | null {
  switch (text.length) {
    case 64:
      return hexToBytes(text);
    case 43:
    case 44:
      return base64ToBytes(text);
    case 52:
      return base32zToBytes(text);
    default:
      return null;
  }
}
