import { BtDictReader } from '../bt/index.ts';
import { allocate } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import type { EdgeRequest } from './edge-body.ts';
import { type EncryptionType, encryptionTypeNamed } from './encryption-type.ts';

/** The highest hop number that a node still works on (onion-requests §2.4). */
export const MAX_HOP_NUMBER = 15;

/** What one node sends to the next: a layer, and how many hops it has made when it arrives there (1 or more). */
export type HopMessage = EdgeRequest;

/** The one part of an `sn.onion_request` (onion-requests §2.4). */
export function encodeHopMessage(message: HopMessage): Uint8Array {
  const { ciphertext, encryptionType, ephemeralKey, hopNumber } = message;
  // Written as one piece, since every hop of every onion is: the dict d4:data…8:enc_type…13:ephemeral_key…6:hop_no…e.
  const head = `d4:data${ciphertext.length}:`;
  const middle = `8:enc_type${encryptionType.length}:${encryptionType}13:ephemeral_key${ephemeralKey.length}:`;
  const end = `6:hop_noi${hopNumber}ee`;
  const bytes = allocate(head.length + ciphertext.length + middle.length + ephemeralKey.length + end.length);
  let at = writeAscii(bytes, 0, head);
  bytes.set(ciphertext, at);
  at = writeAscii(bytes, at + ciphertext.length, middle);
  bytes.set(ephemeralKey, at);
  writeAscii(bytes, at + ephemeralKey.length, end);
  return bytes;
}

/** Returns where the text ends. */
function writeAscii(target: Uint8Array, offset: number, text: string): number {
  for (let index = 0; index < text.length; index++) target[offset + index] = text.charCodeAt(index);
  return offset + text.length;
}

/**
 * Reads an `sn.onion_request`; `ciphertext` is a view into `bytes`. The receiver refuses a `hopNumber` over
 * {@link MAX_HOP_NUMBER} with 400 `onion request max path length exceeded`.
 * @throws WireError `onion`; a node answers 400 `Invalid internal onion request: <message>` (onion-requests §2.4).
 */
export function decodeHopMessage(bytes: Uint8Array): HopMessage {
  try {
    const reader = new BtDictReader(bytes);
    if (!reader.skipTo('data')) throw new WireError('onion', 'required data payload not found');
    const ciphertext = reader.readBytes();
    const encryptionType = reader.skipTo('enc_type') ? knownType(reader.readText()) : 'aes-gcm';
    if (!reader.skipTo('ephemeral_key')) throw new WireError('onion', 'ephemeral key not found');
    const ephemeralKey = reader.readFixedBytes(32);
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
