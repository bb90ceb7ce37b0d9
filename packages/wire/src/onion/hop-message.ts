import { BtDictReader, encodeBt } from '../bt/index.ts';
import { WireError } from '../errors.ts';
import type { EdgeRequest } from './edge-body.ts';
import { type EncryptionType, encryptionTypeNamed } from './encryption-type.ts';

/** The highest hop number that a node still works on (onion-requests §2.4). */
export const MAX_HOP_NUMBER = 15;

/** What one node sends to the next: a layer, and how many hops it has made when it arrives there (1 or more). */
export type HopMessage = EdgeRequest;

/** The one part of an `sn.onion_request` (onion-requests §2.4). */
export function encodeHopMessage(message: HopMessage): Uint8Array {
  return encodeBt({
    data: message.ciphertext,
    enc_type: message.encryptionType,
    ephemeral_key: message.ephemeralKey,
    hop_no: message.hopNumber,
  });
}

/**
 * Reads an `sn.onion_request`; `ciphertext` is a view into `bytes`. The receiver refuses a `hopNumber` over
 * {@link MAX_HOP_NUMBER} with 400 `onion request max path length exceeded`.
 * @throws WireError `onion`; a node answers 400 `Invalid internal onion request: <message>` (onion-requests §2.4).
 */
export function decodeHopMessage(bytes: Uint8Array): HopMessage {
  try {
    const reader = new BtDictReader(bytes);
    const ciphertext = reader.at('data').readBytes();
    const encryptionType = reader.skipTo('enc_type') ? knownType(reader.readText()) : 'aes-gcm';
    const ephemeralKey = reader.at('ephemeral_key').readFixedBytes(32);
    const hopNumber = reader.skipTo('hop_no') ? reader.readNumber('int32') : 1;
    return { ciphertext, encryptionType, ephemeralKey, hopNumber: Math.max(hopNumber, 1) };
  } catch (error) {
    if (error instanceof WireError) throw new WireError('onion', error.message);
    throw error;
  }
}

function knownType(name: string): EncryptionType {
  const type = encryptionTypeNamed(name);
  if (type === null) throw new WireError('onion', 'unknown enc_type');
  return type;
}
