import { hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { type EncryptionType, encryptionTypeNamed } from './encryption-type.ts';
import type { JsonObject } from './json-text.ts';

const HEX_KEY_LENGTH = 64;

/** A public key in 64 hex digits of either case (onion-requests §1.1). @throws WireError `onion`. */
export function readKey(json: JsonObject, name: string): Uint8Array {
  const text = json[name];
  if (typeof text !== 'string' || text.length !== HEX_KEY_LENGTH) throw new WireError('onion', `${name} is not a key`);
  try {
    return hexToBytes(text);
  } catch {
    throw new WireError('onion', `${name} is not hex`);
  }
}

/** The `enc_type`, aes-gcm if absent (onion-requests §1.3). @throws WireError `onion` for an unknown one, null included. */
export function readEncryptionType(json: JsonObject): EncryptionType {
  if (!Object.hasOwn(json, 'enc_type')) return 'aes-gcm';
  const type = encryptionTypeNamed(json.enc_type);
  if (type === null) throw new WireError('onion', 'unknown enc_type');
  return type;
}
