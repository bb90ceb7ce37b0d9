import { bytesToBase64, encodedKeyToBytes, type Random, utf8ToBytes } from '../bytes/index.ts';
import type { KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { type LayerKey, layerKey, nonceBytes, openWithKey, sealWithKey } from './cipher.ts';
import { MAX_ONION_BYTES } from './edge-body.ts';
import { AUTHENTICATED_TYPES } from './encryption-type.ts';
import { asJsonObject } from './json-text.ts';
import { decodePayload } from './payload.ts';
import { readEncryptionType } from './routing-json.ts';

/** What an exit node posted to a server, opened. `payload` is v4 or v3 plaintext, by the path it was posted to. */
export interface ServerRequest {
  readonly ephemeralKey: Uint8Array;
  readonly payload: Uint8Array;
  /** Seals the answer; wipe its `key` afterwards. */
  readonly replyKey: LayerKey;
}

/**
 * Opens the body of a POST to `/oxen/v4/lsrpc` or `/…/v3/lsrpc` (onion-requests §1.9); aes-cbc is refused.
 * @throws WireError `onion`; the server answers an unencrypted HTTP 400.
 */
export function openServerBody(serverKeys: KeyPair, bytes: Uint8Array): ServerRequest {
  if (bytes.length > MAX_ONION_BYTES) throw new WireError('onion', 'too large');
  const { ciphertext, json } = decodePayload(bytes);
  const routing = asJsonObject(json);
  const encryptionType = readEncryptionType(routing);
  if (!AUTHENTICATED_TYPES.has(encryptionType)) throw new WireError('onion', 'refused enc_type');
  const ephemeralKey = readServerKey(routing.ephemeral_key);
  const replyKey = keyFor(encryptionType, serverKeys, ephemeralKey);
  const payload = openWithKey(replyKey, ciphertext);
  if (payload === null) throw new WireError('onion', 'does not decrypt');
  return { ephemeralKey, payload, replyKey };
}

/** The HTTP 200 body with which a server answers: raw for v4, base64 for v3 (onion-requests §1.10). Draws a nonce. */
export function sealServerReply(
  replyKey: LayerKey,
  plaintext: Uint8Array,
  form: 'raw' | 'base64',
  random: Random,
): Uint8Array {
  const sealed = sealWithKey(replyKey, random(nonceBytes(replyKey.encryptionType)), plaintext);
  return form === 'raw' ? sealed : utf8ToBytes(bytesToBase64(sealed));
}

function keyFor(encryptionType: LayerKey['encryptionType'], serverKeys: KeyPair, ephemeralKey: Uint8Array): LayerKey {
  try {
    return layerKey(encryptionType, 'server', serverKeys, ephemeralKey);
  } catch (error) {
    if (error instanceof WireError) throw new WireError('onion', error.message);
    throw error;
  }
}

/** Servers take more spellings of a key than nodes: hex, base64, base32z or the 32 bytes themselves. */
function readServerKey(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new WireError('onion', 'no ephemeral_key');
  const key = decodeKey(value);
  if (key?.length !== 32) throw new WireError('onion', 'ephemeral_key is not a key');
  return key;
}

function decodeKey(text: string): Uint8Array | null {
  try {
    return text.length <= 32 ? utf8ToBytes(text) : encodedKeyToBytes(text);
  } catch {
    return null;
  }
}
