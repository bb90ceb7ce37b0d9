import { type Account, accountIdToBytes } from '@sotto/wire/account';
import { concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, boxSeal, ed25519Sign, x25519KeyPair } from '@sotto/wire/crypto';

/** A field of a protobuf message: a number is a varint; text and bytes are as long as they are. */
export type Field = readonly [number: number, value: number | bigint | string | Uint8Array];

/** One field; several pieces of bytes are one value, such as the fields of a nested message. */
export function field(number: number, ...values: readonly (Field[1] | Uint8Array)[]): Uint8Array {
  const [first, ...others] = values;
  if (first !== undefined && others.length === 0) return bytesOf([number, first]);
  return bytesOf([number, concatBytes(...(values as Uint8Array[]))]);
}

/** A field with a value of 8 bytes. */
export function fixed64(number: number, value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return concatBytes(varint((number << 3) | 1), bytes);
}

/** A protobuf number, of up to 10 bytes. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function bytesOf([number, value]: Field): Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') return concatBytes(varint(number << 3), varint(value));
  const bytes = typeof value === 'string' ? utf8ToBytes(value) : value;
  return concatBytes(varint((number << 3) | 2), varint(bytes.length), bytes);
}

/** How a client wraps what it sends (messages §2.1, §4.1). */
export interface Habits {
  /** Around the content. */
  readonly pad: (content: Uint8Array) => Uint8Array;
  /** Of the envelope, besides type, timestamp and content. */
  readonly envelope: readonly Field[];
  readonly verb?: string;
  readonly path?: string;
}

/** `80` and zeros, up to a length. */
function padded(content: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(content);
  bytes[content.length] = 0x80;
  return bytes;
}

const proSig: Field = [11, new Uint8Array(64).fill(9)];

/** Clients of 2026, and older ones whose messages still come. */
export const CLIENTS = {
  desktop: {
    pad: (content) => padded(content, 160 * (Math.floor((content.length + 1) / 160) + 1)),
    envelope: [[7, 1], proSig],
  },
  android: {
    pad: (content) => padded(content, 160 * (Math.floor((content.length + 1) / 160) + 1)),
    envelope: [[2, ''], [7, 1], proSig],
  },
  older: {
    pad: (content) => padded(content, 160 * Math.ceil((content.length + 2) / 160) - 1),
    envelope: [[10, 0]],
    verb: 'PUT',
    path: '/api/v1/message',
  },
  unpadded: { pad: (content) => content, envelope: [] },
} satisfies Record<string, Habits>;

/** Seals a content as such a client does; `ephemeralSeed`: 32 bytes. */
export function sealAs(
  { pad, envelope, verb = '', path = '' }: Habits,
  message: {
    readonly content: Uint8Array;
    readonly timestamp: number;
    readonly sender: Account;
    readonly recipient: string;
    readonly ephemeralSeed: Uint8Array;
  },
): Uint8Array {
  const { content, timestamp, sender, recipient, ephemeralSeed } = message;
  const theirKey = accountIdToBytes(recipient).subarray(1);
  const ownKey = sender.ed25519.publicKey;
  const body = pad(content);
  const signature = ed25519Sign(concatBytes(body, ownKey, theirKey), sender.ed25519.secretKey);
  const ephemeral = x25519KeyPair(ephemeralSeed);
  const nonce = blake2b(24, concatBytes(ephemeral.publicKey, theirKey));
  const box = boxSeal(concatBytes(body, ownKey, signature), nonce, theirKey, ephemeral.secretKey);
  const sealed = concatBytes(ephemeral.publicKey, box);
  const fields: Field[] = [[1, 6], [5, timestamp], [8, sealed], ...envelope];
  const inOrder = fields.toSorted(([a], [b]) => a - b).map(bytesOf);
  return concatBytes(field(1, 1), field(2, field(1, verb), field(2, path), field(3, ...inOrder), field(4, 0)));
}
