import { type Account, accountIdToBytes } from '../account/index.ts';
import { type Random, wipe } from '../bytes/index.ts';
import { MAX_STORED_BYTES } from '../content/strict-protobuf.ts';
import { WireError } from '../errors.ts';
import { decryptFromSender, encryptForRecipient } from './encryption.ts';
import { unwrapEnvelope, wrapEnvelope } from './envelope.ts';
import { paddedLength, unpad, writePadded } from './padding.ts';

/** A WebSocketMessage never begins with this byte; other versions of the message format do (protocol-v2 §0). */
const OTHER_VERSION_MARK = 0x00;

/** What {@link sealMessage} needs. */
export interface MessageToSeal {
  /** Encoded content, without padding. */
  readonly content: Uint8Array;
  /** When the message was made, ms since 1970; the content carries the same as `sigTimestamp`. */
  readonly timestamp: number;
  readonly sender: Account;
  /** Account id of the recipient; the sender's own for a copy to its other devices. */
  readonly recipient: string;
  readonly random: Random;
}

/** A message that was meant for us and whose sender is proven, or one in a format that this version does not know. */
export type OpenedMessage =
  | {
      readonly kind: 'message';
      /** Encoded content, without padding. Not yet looked into. */
      readonly content: Uint8Array;
      /** Account id of the sender. */
      readonly sender: string;
      readonly senderEd25519Key: Uint8Array;
      /** Timestamp of the envelope, ms since 1970: unproven until it equals the content's `sigTimestamp`. */
      readonly timestamp: number;
    }
  | { readonly kind: 'unsupported-version' };

/**
 * Pads, signs and seals a content for one account and wraps it into the bytes that are stored in namespace 0 of the
 * recipient's swarm (messages §2, §4.1). Sealing again gives other bytes, as `random` does.
 * @throws WireError `key` for a recipient that is no account id or whose key is of low order; `message` for a
 * timestamp that is not a whole number of ms or a message too large to be stored.
 */
export function sealMessage({ content, timestamp, sender, recipient, random }: MessageToSeal): Uint8Array {
  if (content.length > MAX_STORED_BYTES) throw new WireError('message', 'the message is too large to be stored');
  const recipientX25519Key = accountIdToBytes(recipient).subarray(1);
  const padded = new Uint8Array(paddedLength(content.length));
  writePadded(padded, content);
  try {
    const ciphertext = encryptForRecipient(padded, sender.ed25519, recipientX25519Key, random);
    const data = wrapEnvelope(ciphertext, timestamp, random);
    if (data.length > MAX_STORED_BYTES) throw new WireError('message', 'the message is too large to be stored');
    return data;
  } finally {
    wipe(padded);
  }
}

/**
 * Opens what a swarm stored for an account in namespace 0 (messages §2.1, §4.2; protocol-v2 §0).
 * @throws WireError `message` for anything that is not an intact message to this account.
 */
export function openMessage(data: Uint8Array, recipient: Account): OpenedMessage {
  if (data[0] === OTHER_VERSION_MARK) return { kind: 'unsupported-version' };
  const { ciphertext, timestamp } = unwrapEnvelope(data);
  const { message, sender, senderEd25519Key } = decryptFromSender(ciphertext, recipient.x25519);
  return { kind: 'message', content: unpad(message), sender, senderEd25519Key, timestamp };
}
