import { blake2b as nobleBlake2b } from '@noble/hashes/blake2.js';
import { allocate } from '../bytes/index.ts';
import { sodium } from './sodium.ts';

/** Optional inputs of BLAKE2b: `salt` and `personal` have 16 bytes each. */
export interface Blake2bOptions {
  readonly key?: Uint8Array;
  readonly salt?: Uint8Array;
  readonly personal?: Uint8Array;
}

/** BLAKE2b with a digest length parameter of `size` (1–64 bytes), which is not a truncation. */
export function blake2b(size: number, message: Uint8Array, options: Blake2bOptions = {}): Uint8Array {
  const { key, salt, personal } = options;
  // libsodium's simple interface has neither personalisation nor digests under 16 bytes.
  if (salt || personal || size < 16 || (key && key.length < 16)) {
    return nobleBlake2b(message, {
      dkLen: size,
      ...(key && { key }),
      ...(salt && { salt }),
      ...(personal && { personalization: personal }),
    });
  }
  const hash = allocate(size);
  if (key) sodium.crypto_generichash(hash, message, key);
  else sodium.crypto_generichash(hash, message);
  return hash;
}

/** SHA-512, 64 bytes. */
export function sha512(message: Uint8Array): Uint8Array {
  const hash = new Uint8Array(64);
  sodium.crypto_hash_sha512(hash, message);
  return hash;
}
