import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { ConfigError } from '../errors.ts';

/** Two hex digits that say what an id is of: 05 accounts and old groups, 03 groups, 15 and 25 blinded accounts. */
export type IdPrefix = '05' | '03' | '15' | '25';

const ID = /^[0-9a-f]{66}$/;
const ID_BYTES = 33;

/** The key of an entry: the 33 bytes of the id as latin1. @throws ConfigError `value` for no such id (config §9). */
export function idToKey(id: string, prefixes: readonly IdPrefix[]): string {
  const normalized = id.toLowerCase();
  if (!ID.test(normalized) || !hasPrefix(normalized, prefixes)) {
    throw new ConfigError('value', `an id has 66 hex digits and begins with ${prefixes.join(' or ')}`);
  }
  return Buffer.from(normalized, 'hex').toString('latin1');
}

/** The id that a key is, or `null` for a key that is none. */
export function keyToId(key: string, prefixes: readonly IdPrefix[]): string | null {
  if (key.length !== ID_BYTES) return null;
  const id = Buffer.from(key, 'latin1').toString('hex');
  return hasPrefix(id, prefixes) ? id : null;
}

/** The 33 bytes of an id. @throws ConfigError `value`. */
export function idToBytes(id: string, prefixes: readonly IdPrefix[]): Uint8Array {
  idToKey(id, prefixes);
  return hexToBytes(id);
}

/** The id that bytes are, or `null`. */
export function bytesToId(bytes: Uint8Array, prefixes: readonly IdPrefix[]): string | null {
  const id = bytesToHex(bytes);
  return bytes.length === ID_BYTES && hasPrefix(id, prefixes) ? id : null;
}

function hasPrefix(id: string, prefixes: readonly IdPrefix[]): boolean {
  return prefixes.some((prefix) => id.startsWith(prefix));
}
