import { type BtDict, type BtValue, decodeBt } from '../bt/index.ts';
import { bytesToHex } from '../bytes/index.ts';
import { xchachaOpen } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { jsonShapeProblem } from '../json-shape.ts';

/** What a push service brought: a new message of an account is stored (messages §10). */
export interface PushNotification {
  /** 66 lower-case hex digits. */
  readonly accountId: string;
  readonly hash: string;
  readonly namespace: number;
  /** When it was sent and when it expires, ms; `null` if the server did not say. */
  readonly timestamp: number | null;
  readonly expiry: number | null;
  /** Size of the message, bytes; `null` if the server did not say. */
  readonly length: number | null;
  /** The message was too long to be pushed along. */
  readonly isTooLong: boolean;
  /** The message as it is stored; `null` if it is to be fetched. */
  readonly data: Uint8Array | null;
}

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const MOST_BYTES = 100_000;
const LIMITS = { depth: 4, marks: 200 };

/**
 * Opens `enc_payload` of a notification (messages §10); `key` has the 32 bytes that the subscription named.
 * @throws WireError `push` for a wrong key, and for anything malformed.
 */
export function openNotification(payload: Uint8Array, key: Uint8Array): PushNotification {
  if (payload.length < NONCE_BYTES + TAG_BYTES) refuse('Invalid payload: too short to contain valid encrypted data');
  if (payload.length > MOST_BYTES) refuse('the notification is too long');
  const padded = xchachaOpen(key, payload.subarray(0, NONCE_BYTES), payload.subarray(NONCE_BYTES));
  if (!padded) refuse('Failed to decrypt; perhaps the secret key is invalid?');
  const [metadata, data] = readList(withoutPadding(padded));
  const fields = readMetadata(metadata);
  if (data !== undefined && !(data instanceof Uint8Array)) refuse('the message is no string');
  const length = optionalInteger(fields, 'l');
  if (data && length !== null && data.length !== length) refuse('the message has another length than it should');
  return {
    accountId: readAccount(fields.get('@')),
    hash: readHash(fields.get('#')),
    namespace: optionalInteger(fields, 'n') ?? refuse('the namespace is missing'),
    timestamp: optionalInteger(fields, 't'),
    expiry: optionalInteger(fields, 'z'),
    length,
    isTooLong: fields.get('B') === true || fields.get('B') === 1,
    data: data ?? null,
  };
}

/** Zeros follow the list up to a multiple of 256; a list never ends in one. */
function withoutPadding(padded: Uint8Array): Uint8Array {
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) end--;
  return padded.subarray(0, end);
}

function readList(bytes: Uint8Array): readonly BtValue[] {
  let value: BtValue;
  try {
    value = decodeBt(bytes);
  } catch (error) {
    if (error instanceof WireError) return refuse('the notification is not bencoded');
    throw error;
  }
  return Array.isArray(value) ? value : refuse('the notification is no list');
}

/** JSON as the servers mean it, or a dict as they write it where there is no message. */
function readMetadata(metadata: BtValue | undefined): ReadonlyMap<string, unknown> {
  if (metadata instanceof Uint8Array) return new Map(Object.entries(parseObject(metadata)));
  if (!(metadata instanceof Map)) return refuse('the metadata is missing');
  return new Map([...(metadata as BtDict)].map(([name, value]) => [name, plain(value)]));
}

function parseObject(bytes: Uint8Array): object {
  const problem = jsonShapeProblem(bytes, LIMITS);
  if (problem !== null) refuse(problem);
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Falls through: it is no JSON.
  }
  return refuse('the metadata is no JSON object');
}

function plain(value: BtValue): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function readAccount(value: unknown): string {
  if (value instanceof Uint8Array && value.length === 33) return bytesToHex(value);
  const text = textOf(value);
  return text !== null && /^[0-9a-fA-F]{66}$/.test(text) ? text.toLowerCase() : refuse('the account is malformed');
}

function readHash(value: unknown): string {
  const text = textOf(value);
  return text !== null && /^[\x21-\x7e]{1,100}$/.test(text) ? text : refuse('the hash is malformed');
}

function textOf(value: unknown): string | null {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return typeof value === 'string' ? value : null;
}

function optionalInteger(fields: ReadonlyMap<string, unknown>, name: string): number | null {
  const value = fields.get(name) ?? null;
  if (value === null) return null;
  return Number.isSafeInteger(value) ? (value as number) : refuse(`malformed: ${name}`);
}

function refuse(problem: string): never {
  throw new WireError('push', problem);
}
