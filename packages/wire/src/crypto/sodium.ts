import { createRequire } from 'node:module';

/** The functions of libsodium that the protocol uses; outputs are written into the first argument. */
interface Sodium {
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  crypto_sign_ed25519_pk_to_curve25519(x25519Key: Uint8Array, ed25519Key: Uint8Array): void;
  crypto_sign_ed25519_sk_to_curve25519(x25519Key: Uint8Array, ed25519Key: Uint8Array): void;
  crypto_scalarmult_base(publicKey: Uint8Array, secretKey: Uint8Array): void;
  crypto_scalarmult(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
  crypto_scalarmult_ed25519_base_noclamp(point: Uint8Array, scalar: Uint8Array): void;
  crypto_scalarmult_ed25519_noclamp(point: Uint8Array, scalar: Uint8Array, base: Uint8Array): void;
  crypto_core_ed25519_scalar_reduce(reduced: Uint8Array, wide: Uint8Array): void;
  crypto_core_ed25519_scalar_add(sum: Uint8Array, a: Uint8Array, b: Uint8Array): void;
  crypto_core_ed25519_scalar_negate(negated: Uint8Array, scalar: Uint8Array): void;
  crypto_generichash(hash: Uint8Array, message: Uint8Array, key?: Uint8Array): void;
  crypto_hash_sha512(hash: Uint8Array, message: Uint8Array): void;
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    ciphertext: Uint8Array,
    message: Uint8Array,
    additional: null,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    message: Uint8Array,
    secretNonce: null,
    ciphertext: Uint8Array,
    additional: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_box_easy(
    box: Uint8Array,
    message: Uint8Array,
    nonce: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): void;
  crypto_box_open_easy(
    message: Uint8Array,
    box: Uint8Array,
    nonce: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): boolean;
  crypto_box_seal_open(message: Uint8Array, box: Uint8Array, publicKey: Uint8Array, secretKey: Uint8Array): boolean;
  crypto_secretstream_xchacha20poly1305_init_pull(state: Uint8Array, header: Uint8Array, key: Uint8Array): void;
  crypto_secretstream_xchacha20poly1305_push(
    state: Uint8Array,
    sealed: Uint8Array,
    message: Uint8Array,
    additional: null,
    tag: number,
  ): number;
  crypto_secretstream_xchacha20poly1305_pull(
    state: Uint8Array,
    message: Uint8Array,
    tag: Uint8Array,
    sealed: Uint8Array,
    additional: null,
  ): number;
  crypto_secretbox_easy(box: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void;
  crypto_secretbox_open_easy(message: Uint8Array, box: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean;
}

/** libsodium itself. The binding has no types of its own for this version, so the ones in use are declared above. */
export const sodium = createRequire(import.meta.url)('sodium-native') as Sodium;
