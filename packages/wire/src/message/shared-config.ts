import { create } from '@bufbuild/protobuf';
import type { Account } from '../account/index.ts';
import { concatBytes, equalBytes, wipe } from '../bytes/index.ts';
import {
  Envelope_Type,
  EnvelopeSchema,
  WebSocketMessage_Type,
  WebSocketMessageSchema,
} from '../content/generated/envelope_pb.ts';
import { SharedConfigContentSchema, SharedConfigMessageSchema } from '../content/generated/shared-config_pb.ts';
import { decodeStrictly, encodeStrictly } from '../content/strict-protobuf.ts';
import { blake2b, sha512 } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { decryptSigned, encryptForRecipient } from './encryption.ts';

const EPHEMERAL_HASH_KEY = new TextEncoder().encode('SessionBoxEphemeralHashKey');
const TERMINATOR = 0x80;
const SEED_BYTES = 32;

/** The keys with which an account wraps its configs; a part of {@link Account}. */
type WrappingKeys = Pick<Account, 'ed25519' | 'x25519'>;

/**
 * Wraps an encrypted config as a message of the account to itself, which old clients require (config §7.3). The same
 * input gives the same bytes. `kind` is 1 to 4.
 */
export function wrapSharedConfig(data: Uint8Array, seqno: bigint, kind: number, keys: WrappingKeys): Uint8Array {
  const sharedConfigMessage = create(SharedConfigMessageSchema, { kind, seqno, data });
  const content = encodeStrictly(
    SharedConfigContentSchema,
    create(SharedConfigContentSchema, { sharedConfigMessage }),
    'message',
  );
  const message = concatBytes(content, Uint8Array.of(TERMINATOR));
  const seed = keys.ed25519.secretKey.subarray(0, SEED_BYTES);
  const seeded = concatBytes(seed, keys.x25519.publicKey, message);
  const ephemeralSeed = blake2b(SEED_BYTES, seeded, { key: EPHEMERAL_HASH_KEY });
  const sealed = encryptForRecipient(message, keys.ed25519, keys.x25519.publicKey, (size) =>
    sha512(ephemeralSeed).slice(0, size),
  );
  wipe(seeded, ephemeralSeed);
  const envelope = create(EnvelopeSchema, { type: Envelope_Type.SESSION_MESSAGE, timestamp: 1n, content: sealed });
  const request = {
    verb: '',
    path: '',
    body: encodeStrictly(EnvelopeSchema, envelope, 'message'),
    requestId: 0n,
  };
  const wrapped = create(WebSocketMessageSchema, { type: WebSocketMessage_Type.REQUEST, request });
  return encodeStrictly(WebSocketMessageSchema, wrapped, 'message');
}

/**
 * The encrypted config inside what {@link wrapSharedConfig} made, with its kind (config §7.3).
 * @throws WireError `message` for anything else; a reader then takes the input for an encrypted config itself.
 */
export function unwrapSharedConfig(wrapped: Uint8Array, kind: number, keys: WrappingKeys): Uint8Array {
  const { type, request } = decodeStrictly(WebSocketMessageSchema, wrapped, 'message');
  if (type !== WebSocketMessage_Type.REQUEST || !request) throw new WireError('message', 'not a request');
  const envelope = decodeStrictly(EnvelopeSchema, request.body, 'message');
  const { message, senderEd25519Key } = decryptSigned(envelope.content, keys.x25519);
  if (!equalBytes(senderEd25519Key, keys.ed25519.publicKey)) {
    throw new WireError('message', 'a config of somebody else');
  }
  const { sharedConfigMessage } = decodeStrictly(SharedConfigContentSchema, withoutPadding(message), 'message');
  if (sharedConfigMessage?.kind !== kind) throw new WireError('message', 'not a config of this kind');
  return sharedConfigMessage.data;
}

function withoutPadding(padded: Uint8Array): Uint8Array {
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) end--;
  if (padded[end - 1] !== TERMINATOR) throw new WireError('message', 'the padding has no beginning');
  return padded.subarray(0, end - 1);
}
