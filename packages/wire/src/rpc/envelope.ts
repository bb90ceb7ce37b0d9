import { RpcFailure } from './failure.ts';
import { isJsonObject } from './json.ts';
import type { RequestParams } from './request.ts';

/** A call as it came in, its parameters not yet looked at. */
export interface Envelope {
  readonly method: string;
  readonly params: RequestParams;
}

/**
 * Reads the JSON envelope of a request, `{"method", "params"}`; other members are ignored (storage-rpc §2.2).
 * @throws RpcFailure 400.
 */
export function readEnvelope(body: string | Uint8Array): Envelope {
  const envelope = parseJson(textOf(body), 'invalid json');
  const fields = isJsonObject(envelope) ? envelope : {};
  if (typeof fields.method !== 'string') throw new RpcFailure(400, 'invalid json: no `method` field');
  if (!isJsonObject(fields.params)) throw new RpcFailure(400, 'invalid json: no `params` field');
  return { method: fields.method, params: { format: 'json', value: fields.params } };
}

const DICT = 0x64;

/**
 * Reads the parameters of an OxenMQ or QUIC request: nothing at all, JSON, or a bencoded dict; the answer must have
 * the same form (storage-rpc §2.3).
 * @throws RpcFailure 400.
 */
export function readOmqParams(part: Uint8Array): RequestParams {
  if (part.length === 0) return { format: 'json', value: {} };
  if (part[0] === DICT) return { format: 'bt', bytes: part };
  return { format: 'json', value: parseJson(textOf(part), 'invalid body: expected json or bt_dict') };
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
}

function parseJson(text: string, failure: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RpcFailure(400, failure);
  }
}
