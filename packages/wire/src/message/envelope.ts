import { create, isFieldSet } from '@bufbuild/protobuf';
import { concatBytes, type Random, wipe } from '../bytes/index.ts';
import {
  Envelope_Type,
  EnvelopeSchema,
  WebSocketMessage_Type,
  WebSocketMessageSchema,
  WebSocketRequestMessageSchema,
} from '../content/generated/envelope_pb.ts';
import { decodeStrictly, encodeStrictly } from '../content/strict-protobuf.ts';
import { sodium } from '../crypto/sodium.ts';
import { WireError } from '../errors.ts';

const ACCOUNT_ID_LENGTH = 66;
const PRO_SIGNATURE_BYTES = 64;
const SCALAR_BYTES = 32;
const WIDE_SCALAR_BYTES = 64;

/** What an envelope says outside the encryption: nothing of it is proven. */
interface OpenedEnvelope {
  /** The encrypted content. */
  readonly ciphertext: Uint8Array;
  /** When the message was sent, ms since 1970. */
  readonly timestamp: number;
}

/**
 * Puts encrypted content into the form that a swarm stores in namespace 0 (messages §2.1). Asks `random` for 64 bytes
 * twice.
 * @throws WireError `message` for a timestamp that is not a whole number of ms since 1970.
 */
export function wrapEnvelope(ciphertext: Uint8Array, timestamp: number, random: Random): Uint8Array {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) throw new WireError('message', 'not a timestamp');
  const envelope = create(EnvelopeSchema, {
    type: Envelope_Type.SESSION_MESSAGE,
    timestamp: BigInt(timestamp),
    sourceDevice: 1,
    content: ciphertext,
    proSig: signatureLookalike(random),
  });
  const message = create(WebSocketMessageSchema, {
    type: WebSocketMessage_Type.REQUEST,
    request: { verb: '', path: '', body: encodeStrictly(EnvelopeSchema, envelope, 'message'), requestId: 0n },
  });
  return encodeStrictly(WebSocketMessageSchema, message, 'message');
}

/**
 * Takes a stored message out of its two wrappings (messages §2.1). Types, verb, path and source are not believed.
 * @throws WireError `message` for malformed bytes, missing parts, a source that is neither empty nor 66 bytes, a
 * `proSig` that has not 64 bytes, or a timestamp of 2⁵³ or more.
 */
export function unwrapEnvelope(data: Uint8Array): OpenedEnvelope {
  const { request } = decodeStrictly(WebSocketMessageSchema, data, 'message');
  if (!request) throw new WireError('message', 'missing request');
  if (!isFieldSet(request, WebSocketRequestMessageSchema.field.body)) throw new WireError('message', 'missing body');
  const envelope = decodeStrictly(EnvelopeSchema, request.body, 'message');
  if (envelope.source.length !== 0 && envelope.source.length !== ACCOUNT_ID_LENGTH) {
    throw new WireError('message', 'source has an unexpected size');
  }
  if (isFieldSet(envelope, EnvelopeSchema.field.proSig) && envelope.proSig.length !== PRO_SIGNATURE_BYTES) {
    throw new WireError('message', 'pro signature has an unexpected size');
  }
  if (!isFieldSet(envelope, EnvelopeSchema.field.content)) throw new WireError('message', 'missing content');
  if (envelope.timestamp > Number.MAX_SAFE_INTEGER) throw new WireError('message', 'not a timestamp');
  return { ciphertext: envelope.content, timestamp: Number(envelope.timestamp) };
}

/**
 * 64 bytes that nobody can tell from an Ed25519 signature: r·B for a random scalar r, and another random scalar. Every
 * message carries them, so that messages with and without a Pro signature look alike (messages §5.10).
 */
function signatureLookalike(random: Random): Uint8Array {
  const scalar = randomScalar(random);
  const point = new Uint8Array(SCALAR_BYTES);
  sodium.crypto_scalarmult_ed25519_base_noclamp(point, scalar);
  wipe(scalar);
  return concatBytes(point, randomScalar(random));
}

/** Uniform below the order of the group: reduced from twice as many random bytes. */
function randomScalar(random: Random): Uint8Array {
  const scalar = new Uint8Array(SCALAR_BYTES);
  const wide = random(WIDE_SCALAR_BYTES);
  sodium.crypto_core_ed25519_scalar_reduce(scalar, wide);
  wipe(wide);
  return scalar;
}
