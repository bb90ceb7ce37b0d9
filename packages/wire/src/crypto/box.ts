import { hsalsa } from '@noble/ciphers/salsa.js';
import { allocate } from '../bytes/index.ts';
import { sodium } from './sodium.ts';
import { x25519Shared } from './x25519.ts';

const TAG_BYTES = 16;
const SIGMA = new Uint32Array(new Uint8Array(Buffer.from('expand 32-byte k', 'latin1')).buffer);

/** XChaCha20-Poly1305-IETF without additional data: ciphertext ‖ tag(16). `nonce` has 24 bytes, `key` 32. */
export function xchachaSeal(key: Uint8Array, nonce: Uint8Array, message: Uint8Array): Uint8Array {
  const sealed = allocate(message.length + TAG_BYTES);
  xchachaSealInto(sealed, key, nonce, message);
  return sealed;
}

/** {@link xchachaSeal} into memory that is there: `sealed` has 16 bytes more than the message. */
export function xchachaSealInto(sealed: Uint8Array, key: Uint8Array, nonce: Uint8Array, message: Uint8Array): void {
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, message, null, null, nonce, key);
}

/** Opens {@link xchachaSeal}; `null` if it is too short or the tag is wrong. */
export function xchachaOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < TAG_BYTES) return null;
  const message = allocate(sealed.length - TAG_BYTES);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(message, null, sealed, null, nonce, key);
  } catch {
    return null;
  }
  return message;
}

/** crypto_box (X25519, XSalsa20-Poly1305): tag(16) ‖ ciphertext. `nonce` has 24 bytes. */
export function boxSeal(
  message: Uint8Array,
  nonce: Uint8Array,
  theirPublicKey: Uint8Array,
  ourSecretKey: Uint8Array,
): Uint8Array {
  return secretBoxSeal(boxKey(theirPublicKey, ourSecretKey), nonce, message);
}

/** Opens {@link boxSeal}; `null` if it is too short or the tag is wrong. */
export function boxOpen(
  sealed: Uint8Array,
  nonce: Uint8Array,
  theirPublicKey: Uint8Array,
  ourSecretKey: Uint8Array,
): Uint8Array | null {
  return secretBoxOpen(boxKey(theirPublicKey, ourSecretKey), nonce, sealed);
}

/**
 * The symmetric key of a crypto_box between two keys, for connections that box many messages:
 * HSalsa20(X25519(ours, theirs), 0¹⁶). @throws WireError `key` for a low-order public key.
 */
export function boxKey(theirPublicKey: Uint8Array, ourSecretKey: Uint8Array): Uint8Array {
  const shared = x25519Shared(ourSecretKey, theirPublicKey);
  const key = new Uint32Array(8);
  hsalsa(SIGMA, new Uint32Array(shared.buffer, shared.byteOffset, 8), new Uint32Array(4), key);
  shared.fill(0);
  return new Uint8Array(key.buffer);
}

/** XSalsa20-Poly1305 with a shared key: tag(16) ‖ ciphertext. */
export function secretBoxSeal(key: Uint8Array, nonce: Uint8Array, message: Uint8Array): Uint8Array {
  const sealed = allocate(message.length + TAG_BYTES);
  sodium.crypto_secretbox_easy(sealed, message, nonce, key);
  return sealed;
}

/** Opens {@link secretBoxSeal}; `null` if it is too short or the tag is wrong. */
export function secretBoxOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < TAG_BYTES) return null;
  const message = new Uint8Array(sealed.length - TAG_BYTES);
  return secretBoxOpenInto(message, key, nonce, sealed) ? message : null;
}

/** {@link secretBoxOpen} into memory that is there: `sealed` has 16 bytes more than `message`, which is undefined if false. */
export function secretBoxOpenInto(
  message: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
): boolean {
  return sodium.crypto_secretbox_open_easy(message, sealed, nonce, key);
}

/** {@link secretBoxSeal} without an allocation: `box` has 16 bytes for the tag, then the message, which is replaced. */
export function secretBoxSealInPlace(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): void {
  sodium.crypto_secretbox_easy(box, box.subarray(TAG_BYTES), nonce, key);
}
