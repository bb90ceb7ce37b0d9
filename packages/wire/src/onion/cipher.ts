import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { allocate, concatBytes } from '../bytes/index.ts';
import { blake2b, type KeyPair, x25519Shared, xchachaOpen, xchachaSealInto } from '../crypto/index.ts';
import type { EncryptionType } from './encryption-type.ts';

/** Which end of a layer somebody is: the client made the ephemeral key, the server (node or server) has the fixed one. */
export type LayerRole = 'client' | 'server';

/** A layer's symmetric key; it opens the request and seals the answer, both ways (onion-requests §1.5). */
export interface LayerKey {
  readonly encryptionType: EncryptionType;
  readonly key: Uint8Array;
}

interface Cipher {
  readonly nonceBytes: number;
  deriveKey(shared: Uint8Array, clientKey: Uint8Array, serverKey: Uint8Array): Uint8Array;
  /** nonce ‖ ciphertext ‖ tag. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array;
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null;
}

const POLY1305_TAG_BYTES = 16;
const GCM_TAG_BYTES = 16;
const CBC_BLOCK_BYTES = 16;

/** What a key is derived from; used by one call at a time, and empty between them. */
const hashed = new Uint8Array(96);

const CIPHERS: Readonly<Record<EncryptionType, Cipher>> = {
  xchacha20: {
    nonceBytes: 24,
    deriveKey(shared, clientKey, serverKey) {
      hashed.set(shared);
      hashed.set(clientKey, 32);
      hashed.set(serverKey, 64);
      const key = blake2b(32, hashed);
      hashed.fill(0);
      return key;
    },
    seal(key, nonce, plaintext) {
      const sealed = allocate(nonce.length + plaintext.length + POLY1305_TAG_BYTES);
      sealed.set(nonce);
      xchachaSealInto(sealed.subarray(nonce.length), key, nonce, plaintext);
      return sealed;
    },
    open: xchachaOpen,
  },
  'aes-gcm': {
    nonceBytes: 12,
    deriveKey: (shared) => createHmac('sha256', 'LOKI').update(shared).digest(),
    seal(key, nonce, plaintext) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return concatBytes(nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
    },
    open(key, nonce, sealed) {
      const end = sealed.length - GCM_TAG_BYTES;
      if (end < 0) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: GCM_TAG_BYTES });
      decipher.setAuthTag(sealed.subarray(end));
      const plaintext = decipher.update(sealed.subarray(0, end));
      try {
        decipher.final();
      } catch {
        plaintext.fill(0);
        return null;
      }
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
    },
  },
  'aes-cbc': {
    nonceBytes: 16,
    deriveKey: (shared) => shared.slice(),
    seal(key, nonce, plaintext) {
      const cipher = createCipheriv('aes-256-cbc', key, nonce);
      return concatBytes(nonce, cipher.update(plaintext), cipher.final());
    },
    open(key, nonce, sealed) {
      if (sealed.length === 0 || sealed.length % CBC_BLOCK_BYTES !== 0) return null;
      const decipher = createDecipheriv('aes-256-cbc', key, nonce);
      try {
        return concatBytes(decipher.update(sealed), decipher.final());
      } catch {
        return null;
      }
    },
  },
};

/**
 * The key of a layer between our pair and the other side's public key (onion-requests §1.5).
 * @throws WireError `key` if the other side's key has small order or not 32 bytes.
 */
export function layerKey(
  encryptionType: EncryptionType,
  role: LayerRole,
  own: KeyPair,
  peerPublicKey: Uint8Array,
): LayerKey {
  const shared = x25519Shared(own.secretKey, peerPublicKey);
  const { deriveKey } = CIPHERS[encryptionType];
  const key =
    role === 'client'
      ? deriveKey(shared, own.publicKey, peerPublicKey)
      : deriveKey(shared, peerPublicKey, own.publicKey);
  shared.fill(0);
  return { encryptionType, key };
}

/** How many random bytes {@link sealWithKey} needs for a type. */
export function nonceBytes(encryptionType: EncryptionType): number {
  return CIPHERS[encryptionType].nonceBytes;
}

/** nonce ‖ ciphertext ‖ tag; `nonce` has {@link nonceBytes} bytes and must never repeat under a key. */
export function sealWithKey(layer: LayerKey, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return CIPHERS[layer.encryptionType].seal(layer.key, nonce, plaintext);
}

/** Opens {@link sealWithKey}; `null` if it is too short or, where the type can tell, was changed. */
export function openWithKey(layer: LayerKey, sealed: Uint8Array): Uint8Array | null {
  const cipher = CIPHERS[layer.encryptionType];
  if (sealed.length < cipher.nonceBytes) return null;
  return cipher.open(layer.key, sealed.subarray(0, cipher.nonceBytes), sealed.subarray(cipher.nonceBytes));
}
