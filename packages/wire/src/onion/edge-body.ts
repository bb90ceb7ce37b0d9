import { WireError } from '../errors.ts';
import type { EncryptionType } from './encryption-type.ts';
import { asJsonObject } from './json-text.ts';
import { decodePayload } from './payload.ts';
import { readEncryptionType, readKey } from './routing-json.ts';

/** The largest body of a request to a guard or a server, in bytes (onion-requests §2.1, §1.9). */
export const MAX_ONION_BYTES = 10_485_760;

const LARGEST_COUNTER = 2 ** 31 - 1;

/** An encrypted layer and what its recipient needs to open it. */
export interface SealedLayer {
  readonly ciphertext: Uint8Array;
  readonly ephemeralKey: Uint8Array;
  readonly encryptionType: EncryptionType;
}

/** What a client posts to its guard. */
export interface EdgeRequest extends SealedLayer {
  readonly hopNumber: number;
}

/**
 * Reads the body of `POST /onion_req/v2` (onion-requests §1.2). `ciphertext` is a view into `bytes`.
 * @throws WireError `onion`; a node answers 400 `Error parsing onion request: <message>`.
 */
export function parseEdgeBody(bytes: Uint8Array): EdgeRequest {
  if (bytes.length > MAX_ONION_BYTES) throw new WireError('onion', 'too large');
  const payload = decodePayload(bytes);
  const json = asJsonObject(payload.json);
  const hopNumber = json.hop_no ?? 0;
  if (typeof hopNumber !== 'number' || json.hop_no === null) throw new WireError('onion', 'hop_no is not a number');
  return {
    ciphertext: payload.ciphertext,
    ephemeralKey: readKey(json, 'ephemeral_key'),
    encryptionType: readEncryptionType(json),
    hopNumber: Math.trunc(Math.min(Math.max(hopNumber, 0), LARGEST_COUNTER)),
  };
}
