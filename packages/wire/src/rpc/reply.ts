import { type BtInput, type BtValue, decodeBt, encodeBt } from '../bt/index.ts';
import { bytesToBase64 } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { RpcFailure } from './failure.ts';

/** An answer before it takes one of the two forms; bytes become base64 in JSON and stay raw in a bt dict. */
export type ReplyValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly ReplyValue[]
  | { readonly [key: string]: ReplyValue | undefined };

/** An answer as JSON knows it. */
export type JsonReply = string | number | boolean | null | JsonReply[] | { [key: string]: JsonReply };

/** The JSON form of an answer, ready for `JSON.stringify`; entries that are undefined are left out (storage-rpc §2.3). */
export function toJson(reply: ReplyValue): JsonReply {
  if (reply instanceof Uint8Array) return bytesToBase64(reply);
  if (typeof reply !== 'object' || reply === null) return reply;
  if (Array.isArray(reply)) return reply.map(toJson);
  const json: { [key: string]: JsonReply } = {};
  for (const [key, value] of Object.entries(reply)) if (value !== undefined) json[key] = toJson(value);
  return json;
}

/**
 * The bencoded form of an answer, booleans as 0 and 1 (storage-rpc §2.3).
 * @throws RpcFailure 500 for what bencoding cannot say: null and fractions, which only oxend's answers can hold.
 */
export function toBt(reply: ReplyValue): Uint8Array {
  try {
    return encodeBt(reply as BtInput);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new RpcFailure(500, 'client request returned json with an unhandled value type, unable to convert to bt');
  }
}

/**
 * Reads the result of another member of the swarm (storage-rpc §2.6): a dict whose `signature` is raw bytes and whose
 * other strings are text. Integers stay integers, so its `already` is 1.
 * @throws WireError `rpc` if it is no dict or holds what a result never does.
 */
export function parseMemberReply(bytes: Uint8Array): { [key: string]: ReplyValue } {
  let value: BtValue;
  try {
    value = decodeBt(bytes);
  } catch {
    throw new WireError('rpc', 'the result of a member is not bencoded');
  }
  if (!(value instanceof Map)) throw new WireError('rpc', 'the result of a member is not a dict');
  return Object.fromEntries(
    [...value].map(([key, member]) => [
      key,
      key === 'signature' && member instanceof Uint8Array ? member : plain(member),
    ]),
  );
}

function plain(value: BtValue): ReplyValue {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
}
