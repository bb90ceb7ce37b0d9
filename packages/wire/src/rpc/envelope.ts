import { type JsonLimits, jsonShapeProblem } from '../json-shape.ts';
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
  const envelope = parseJson(body, 'invalid json');
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
  return { format: 'json', value: parseJson(part, 'invalid body: expected json or bt_dict') };
}

/** More than any request needs: conditions nested as deep as they may be, or a list of a hundred thousand hashes. */
const LIMITS: JsonLimits = { depth: 128, marks: 131_072 };

function parseJson(body: string | Uint8Array, failure: string): unknown {
  if (typeof body !== 'string' && jsonShapeProblem(body, LIMITS) !== null) throw new RpcFailure(400, failure);
  try {
    return parseJsonNumbers(typeof body === 'string' ? body : utf8.decode(body));
  } catch {
    throw new RpcFailure(400, failure);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A number with a fraction or an exponent, where a value may stand. In texts it may match too, which does no harm. */
const SPELLED_AS_FRACTION = /[:[,]\s*-?[0-9]+(?:\.[0-9]|[eE])/;
const FRACTION = /[.eE]/;

/** `JSON.parse` with what the language has for revivers and TypeScript's library does not yet know. */
const parseWithSources = JSON.parse as (
  text: string,
  revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/**
 * The value of a JSON text. A number that is spelled with a fraction or an exponent is no integer, whatever its value
 * (storage-rpc §3.1): `5.0` and `5e0` become Number objects, which are no parameter of any kind and are written as 5.
 */
function parseJsonNumbers(text: string): unknown {
  if (!SPELLED_AS_FRACTION.test(text)) return JSON.parse(text);
  return parseWithSources(text, (_key, value, { source = '' }) =>
    Number.isInteger(value) && Math.abs(value as number) < 2 ** 64 && FRACTION.test(source) ? Object(value) : value,
  );
}
