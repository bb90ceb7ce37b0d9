import { concatBytes, utf8ToBytes, wipe } from '@sotto/wire/bytes';
import { blake2b, xchachaOpen, xchachaSeal } from '@sotto/wire/crypto';
import { ConfigError } from '../errors.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const LENGTH_BYTES = 8;
const MAX_DOMAIN_BYTES = 24;
const NONCE_KEY_PREFIX = 'libsessionutil-config-encrypted-';

/** Bytes that sealing adds. */
export const SEAL_OVERHEAD = TAG_BYTES + NONCE_BYTES;

/**
 * Encrypts with a 32-byte secret; the same input gives the same bytes (config §7.1). `domain` (1–24 bytes) keeps
 * configs of different types apart. {@link SEAL_OVERHEAD} bytes longer than the plaintext.
 * @throws ConfigError `value` for a secret or a domain of another length.
 */
export function seal(plaintext: Uint8Array, secret: Uint8Array, domain: string): Uint8Array {
  const key = deriveKey(secret, plaintext.length, domain);
  const nonce = blake2b(NONCE_BYTES, plaintext, { key: utf8ToBytes(NONCE_KEY_PREFIX + domain) });
  const sealed = concatBytes(xchachaSeal(key, nonce, plaintext), nonce);
  wipe(key);
  return sealed;
}

/**
 * Opens {@link seal}: `null` if it is too short, was changed or belongs to another secret or domain.
 * @throws ConfigError `value` for a secret or a domain of another length.
 */
export function open(sealed: Uint8Array, secret: Uint8Array, domain: string): Uint8Array | null {
  if (sealed.length < SEAL_OVERHEAD) return null;
  const nonceAt = sealed.length - NONCE_BYTES;
  const key = deriveKey(secret, sealed.length - SEAL_OVERHEAD, domain);
  const plaintext = xchachaOpen(key, sealed.subarray(nonceAt), sealed.subarray(0, nonceAt));
  wipe(key);
  return plaintext;
}

function deriveKey(secret: Uint8Array, length: number, domain: string): Uint8Array {
  const domainBytes = utf8ToBytes(domain);
  if (secret.length !== KEY_BYTES) throw new ConfigError('value', 'an encryption key has 32 bytes');
  if (domainBytes.length < 1 || domainBytes.length > MAX_DOMAIN_BYTES) {
    throw new ConfigError('value', 'an encryption domain has 1 to 24 bytes');
  }
  const size = new Uint8Array(LENGTH_BYTES);
  new DataView(size.buffer).setBigUint64(0, BigInt(length));
  const input = concatBytes(secret, size, domainBytes);
  const key = blake2b(KEY_BYTES, input);
  wipe(input);
  return key;
}
