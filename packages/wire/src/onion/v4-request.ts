import { WireError } from '../errors.ts';
import { jsonPadding } from './padding.ts';
import { decodeV4, encodeV4, readHeaders } from './v4-metadata.ts';

/** A request that a client sends to a server through an onion. `endpoint` begins with `/` and may hold a query. */
export interface V4Request {
  readonly method: string;
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** The same as the server sees it: header names in lower case, with a content type, without a content length. */
export interface ReceivedV4Request {
  readonly method: string;
  readonly endpoint: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/**
 * The plaintext for the server (onion-requests §1.8); an empty body is left out. `padding` meaningless characters are
 * added to the metadata, which also lengthens the number before it when that gains a digit.
 */
export function encodeV4Request(request: V4Request, padding = 0): Uint8Array {
  const { endpoint, headers, method, body } = request;
  const metadata = JSON.stringify({ endpoint, headers, method });
  return encodeV4(`${metadata.slice(0, -1)}${jsonPadding(padding)}}`, body?.length ? body : null);
}

/**
 * What the server reads (onion-requests §1.8).
 * @throws WireError `onion` where it answers `INVALID_V4_REPLY`.
 */
export function decodeV4Request(plaintext: Uint8Array): ReceivedV4Request {
  const { metadata, body } = decodeV4(plaintext);
  const { method, endpoint } = metadata;
  if (typeof method !== 'string') throw new WireError('onion', 'no method');
  if (typeof endpoint !== 'string' || !endpoint.startsWith('/')) throw new WireError('onion', 'no endpoint');
  const headers = readHeaders(metadata.headers ?? {});
  headers.delete('content-length');
  if (!headers.has('content-type')) headers.set('content-type', 'application/octet-stream');
  return { method, endpoint, headers, body: body ?? new Uint8Array() };
}
