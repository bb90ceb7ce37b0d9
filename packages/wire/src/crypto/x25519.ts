import { allocate } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import type { KeyPair } from './ed25519.ts';
import { sodium } from './sodium.ts';

/** The key pair of a 32-byte secret (clamped on use). @throws WireError `key` for another length. */
export function x25519KeyPair(secretKey: Uint8Array): KeyPair {
  if (secretKey.length !== 32) throw new WireError('key', 'an X25519 secret key has 32 bytes');
  const publicKey = new Uint8Array(32);
  sodium.crypto_scalarmult_base(publicKey, secretKey);
  return { publicKey, secretKey };
}

/**
 * The 32-byte shared secret of our secret and their public key.
 * @throws WireError `key` for wrong lengths or an all-zero result (a low-order public key).
 */
export function x25519Shared(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  if (secretKey.length !== 32 || publicKey.length !== 32) throw new WireError('key', 'X25519 keys have 32 bytes');
  const shared = allocate(32);
  try {
    sodium.crypto_scalarmult(shared, secretKey, publicKey);
  } catch {
    throw new WireError('key', 'low-order X25519 public key');
  }
  return shared;
}
