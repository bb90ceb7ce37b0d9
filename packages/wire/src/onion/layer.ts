import type { Random } from '../bytes/index.ts';
import { wipe } from '../bytes/index.ts';
import { type KeyPair, x25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { type LayerKey, layerKey, nonceBytes, openWithKey, sealWithKey } from './cipher.ts';
import type { SealedLayer } from './edge-body.ts';
import { AUTHENTICATED_TYPES, type EncryptionType } from './encryption-type.ts';
import {
  type FinalRequest,
  type InnerRequest,
  type NodeRelay,
  parseInnerRequest,
  type ServerRelay,
} from './inner-request.ts';

/** A freshly sealed layer, with the key that opens the recipient's answer to it. */
export interface BuiltLayer extends SealedLayer {
  readonly replyKey: LayerKey;
}

/** What a node finds under its layer. `replyKey` seals its answer to the client; wipe `replyKey.key` after use. */
export type PeeledLayer =
  | (FinalRequest & { readonly replyKey: LayerKey })
  | NodeRelay
  | (ServerRelay & { readonly replyKey: LayerKey })
  | { readonly kind: 'invalid-json'; readonly replyKey: LayerKey }
  | { readonly kind: 'invalid-ciphertext' };

/**
 * Seals one layer for the holder of an X25519 key under a fresh ephemeral key (onion-requests §1.4).
 * Draws 32 bytes for the ephemeral secret, then the nonce, from `random`; forgets the ephemeral secret.
 * @throws WireError `key` if the recipient's key is unusable.
 */
export function buildLayer(
  recipientKey: Uint8Array,
  plaintext: Uint8Array,
  encryptionType: EncryptionType,
  random: Random,
): BuiltLayer {
  const ephemeral = x25519KeyPair(random(32));
  try {
    const replyKey = layerKey(encryptionType, 'client', ephemeral, recipientKey);
    const ciphertext = sealWithKey(replyKey, random(nonceBytes(encryptionType)), plaintext);
    return { ciphertext, ephemeralKey: ephemeral.publicKey, encryptionType, replyKey };
  } finally {
    wipe(ephemeral.secretKey);
  }
}

/**
 * Opens the layer that is meant for us and says what to do with it (onion-requests §2.2). Never throws for what
 * a stranger sent. `invalid-ciphertext` is answered with an unencrypted 400 `Invalid ciphertext`, `invalid-json` with a
 * sealed 400 `Invalid json`.
 *
 * `accepted` is the one switch for aes-cbc: without it such layers are refused unread, since telling their two
 * errors apart would make a padding oracle (§7.3).
 */
export function peelLayer(
  nodeKeys: KeyPair,
  layer: SealedLayer,
  accepted: ReadonlySet<EncryptionType> = AUTHENTICATED_TYPES,
): PeeledLayer {
  if (!accepted.has(layer.encryptionType)) return { kind: 'invalid-ciphertext' };
  const replyKey = keyOrNull(nodeKeys, layer);
  if (replyKey === null) return { kind: 'invalid-ciphertext' };
  const plaintext = openWithKey(replyKey, layer.ciphertext);
  if (plaintext === null) {
    wipe(replyKey.key);
    return { kind: 'invalid-ciphertext' };
  }
  const request = innerRequestOrNull(plaintext);
  if (request === null) return { kind: 'invalid-json', replyKey };
  if (request.kind === 'relay-node') {
    wipe(replyKey.key);
    return request;
  }
  return { ...request, replyKey };
}

function keyOrNull(nodeKeys: KeyPair, layer: SealedLayer): LayerKey | null {
  try {
    return layerKey(layer.encryptionType, 'server', nodeKeys, layer.ephemeralKey);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function innerRequestOrNull(plaintext: Uint8Array): InnerRequest | null {
  try {
    return parseInnerRequest(plaintext);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
