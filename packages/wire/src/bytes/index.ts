export { allocate } from './allocate.ts';
export { base32zToBytes, bytesToBase32z } from './base32z.ts';
export { base64ToBytes, bytesToBase64, bytesToBase64Unpadded } from './base64.ts';
export { concatBytes, equalBytes, type Random, utf8ToBytes, wipe } from './bytes.ts';
export { encodedKeyToBytes } from './encoded-key.ts';
export { bytesToHex, hexToBytes } from './hex.ts';
