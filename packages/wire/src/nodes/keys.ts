import { bytesToBase32z, encodedKeyToBytes, equalBytes, wipe } from '../bytes/index.ts';
import { ed25519KeyPair, ed25519SecretToX25519, type KeyPair, x25519KeyPair } from '../crypto/index.ts';
import { sodium } from '../crypto/sodium.ts';
import { WireError } from '../errors.ts';

/** The keys that a node has from its one seed. */
export interface NodeKeys {
  readonly ed25519: KeyPair;
  /** For onion layers and OxenMQ connections. */
  readonly x25519: KeyPair;
  /**
   * The chain's older ("primary") key, by which it names the node. The public key is the Ed25519 one; the secret is a
   * bare scalar, with which no Ed25519 signature can be made.
   */
  readonly legacy: KeyPair;
}

/** Derives all key pairs from 32 bytes (node-network §1). @throws WireError `key` for another length. */
export function deriveNodeKeys(seed: Uint8Array): NodeKeys {
  const ed25519 = ed25519KeyPair(seed);
  // The X25519 secret is clamp(SHA-512(seed)), the scalar of the Ed25519 key before its reduction.
  const x25519 = x25519KeyPair(ed25519SecretToX25519(ed25519.secretKey));
  const legacy = { publicKey: ed25519.publicKey, secretKey: scalarModuloOrder(x25519.secretKey) };
  return { ed25519, x25519, legacy };
}

/**
 * The key pairs of secrets that a chain daemon keeps for its node: Ed25519 (seed ‖ public key, 64 bytes) and the scalar
 * of the legacy key (32 bytes), which in old registrations is another key than the Ed25519 one (node-network §1, §10.2).
 * @throws WireError `key` if a size is wrong, the Ed25519 halves do not belong together, or the scalar is zero.
 */
export function nodeKeysOfSecrets(ed25519Secret: Uint8Array, legacyScalar: Uint8Array): NodeKeys {
  if (ed25519Secret.length !== 64) throw new WireError('key', 'an Ed25519 secret key has 64 bytes');
  if (legacyScalar.length !== 32) throw new WireError('key', 'a legacy secret key has 32 bytes');
  const { ed25519, x25519, legacy } = deriveNodeKeys(ed25519Secret.subarray(0, 32));
  const isWhole = equalBytes(ed25519.secretKey, ed25519Secret);
  wipe(legacy.secretKey);
  if (!isWhole) throw new WireError('key', 'the halves of the Ed25519 secret key do not belong together');
  return { ed25519, x25519, legacy: { publicKey: legacyPublicKey(legacyScalar), secretKey: legacyScalar } };
}

function legacyPublicKey(scalar: Uint8Array): Uint8Array {
  const publicKey = new Uint8Array(32);
  try {
    sodium.crypto_scalarmult_ed25519_base_noclamp(publicKey, scalar);
  } catch {
    throw new WireError('key', 'the legacy secret key is no scalar');
  }
  return publicKey;
}

function scalarModuloOrder(scalar: Uint8Array): Uint8Array {
  const wide = new Uint8Array(64);
  wide.set(scalar);
  const reduced = new Uint8Array(32);
  sodium.crypto_core_ed25519_scalar_reduce(reduced, wide);
  wipe(wide);
  return reduced;
}

/** `<52 characters>.snode` (node-network §1). */
export function nodeName(ed25519Key: Uint8Array): string {
  return `${bytesToBase32z(ed25519Key)}.snode`;
}

/**
 * Reads a public key written in any of the network's ways, told apart by length: the 32 bytes themselves as latin1
 * text, 64 hex digits, 43 characters of base64 (or 44 with the padding), 52 of base32z (node-network §1). Null for anything else and for the all-zero key.
 */
export function parsePublicKey(text: string): Uint8Array | null {
  try {
    const key = decode(text);
    return key?.length === 32 && key.some((byte) => byte !== 0) ? key : null;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function decode(text: string): Uint8Array | null {
  if (text.length !== 32) return encodedKeyToBytes(text);
  return /^[\0-\xff]*$/.test(text) ? new Uint8Array(Buffer.from(text, 'latin1')) : null;
}
