import { utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { asJsonObject, type JsonObject, parseSmallJson } from './json-text.ts';
import { readHeaders } from './v4-metadata.ts';

/** Which rules a server follows for v3 (onion-requests §1.7). */
export type V3ServerKind = 'community' | 'file';

/** A legacy request as the server runs it; header names in lower case, `endpoint` begins with `/`. */
export interface V3Request {
  readonly method: string;
  readonly endpoint: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/**
 * Reads a v3 plaintext (onion-requests §1.7).
 * @throws WireError `onion` where the server answers status 400, as by {@link encodeV3Reply}.
 */
export function decodeV3Request(plaintext: Uint8Array, kind: V3ServerKind): V3Request {
  const json = asJsonObject(parseSmallJson(plaintext));
  const { method, endpoint } = json;
  if (typeof method !== 'string') throw new WireError('onion', 'no method');
  if (typeof endpoint !== 'string') throw new WireError('onion', 'no endpoint');
  const headers = readHeaders(json.headers ?? {});
  headers.delete('content-length');
  headers.set('content-type', 'application/json');
  const request = { method, headers, body: readBody(json, method) };
  if (endpoint.startsWith('/')) return { ...request, endpoint };
  if (kind === 'file') return { ...request, endpoint: `/${endpoint}` };
  if (typeof json.auth_code === 'string') headers.set('authorization', json.auth_code);
  return { ...request, endpoint: `/legacy/${endpoint}` };
}

/** The plaintext of an answer: the body as it is on success, otherwise only the status (onion-requests §1.7). */
export function encodeV3Reply(status: number, body: Uint8Array, kind: V3ServerKind): Uint8Array {
  const succeeded = kind === 'file' ? status === 200 : status >= 200 && status <= 299;
  return succeeded ? body : utf8ToBytes(`{"status_code": ${status}}`);
}

function readBody(json: JsonObject, method: string): Uint8Array {
  const body = json.body ?? '';
  if (typeof body !== 'string') throw new WireError('onion', 'the body is not text');
  if (method === 'POST' || method === 'PUT') return utf8ToBytes(body);
  if (body !== '' && body !== 'null') throw new WireError('onion', 'a body where none may be');
  return new Uint8Array();
}
