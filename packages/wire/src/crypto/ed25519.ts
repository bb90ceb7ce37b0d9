import { allocate } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { sodium } from './sodium.ts';

/** A key pair as raw bytes: Ed25519 secrets are 64 bytes (seed ‖ public), X25519 secrets 32. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** RFC 8032 key pair of a 32-byte seed. @throws WireError `key` for another length. */
export function ed25519KeyPair(seed: Uint8Array): KeyPair {
  if (seed.length !== 32) throw new WireError('key', 'an Ed25519 seed has 32 bytes');
  const publicKey = new Uint8Array(32);
  const secretKey = new Uint8Array(64);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  return { publicKey, secretKey };
}

/** The 64-byte signature of a message. @throws WireError `key` if the secret does not have 64 bytes. */
export function ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  if (secretKey.length !== 64) throw new WireError('key', 'an Ed25519 secret key has 64 bytes');
  const signature = allocate(64);
  sodium.crypto_sign_detached(signature, message, secretKey);
  return signature;
}

/**
 * Verifies with libsodium's strictness: S < L, no small-order or non-canonical key or R (storage-rpc §4.1).
 * Wrong lengths give `false`.
 */
export function ed25519Verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  return sodium.crypto_sign_verify_detached(signature, message, publicKey);
}

/**
 * The X25519 public key that belongs to an Ed25519 one (messages §1.1 step 5).
 * `null` if the point does not decode, has small order or lies outside the main subgroup.
 */
export function ed25519PublicToX25519(publicKey: Uint8Array): Uint8Array | null {
  if (publicKey.length !== 32) return null;
  const converted = new Uint8Array(32);
  try {
    sodium.crypto_sign_ed25519_pk_to_curve25519(converted, publicKey);
  } catch {
    return null;
  }
  return converted;
}

/** The clamped X25519 secret of a 64-byte Ed25519 secret key (messages §1.1 step 4). @throws WireError `key`. */
export function ed25519SecretToX25519(secretKey: Uint8Array): Uint8Array {
  if (secretKey.length !== 64) throw new WireError('key', 'an Ed25519 secret key has 64 bytes');
  const converted = new Uint8Array(32);
  sodium.crypto_sign_ed25519_sk_to_curve25519(converted, secretKey);
  return converted;
}
