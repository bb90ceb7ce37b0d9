import { utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { parseJsonContent } from './json-text.ts';
import { decodeV4, encodeV4, readHeaders } from './v4-metadata.ts';

/** A server's answer, as it writes it. */
export interface V4Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A server's answer as the client reads it: header names in lower case, `content` by the content type. */
export interface V4Reply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly content:
    | { readonly kind: 'json'; readonly value: unknown }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'bytes' };
}

const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** The plaintext of an answer, always two strings; content-length is left out (onion-requests §1.8). */
export function encodeV4Reply(answer: V4Answer): Uint8Array {
  const headers = Object.entries(answer.headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name !== 'content-length');
  return encodeV4(JSON.stringify({ code: answer.status, headers: Object.fromEntries(headers) }), answer.body);
}

/** The answer to a plaintext that is not a v4 request, or whose sub-request failed to run (onion-requests §1.8). */
export const INVALID_V4_REPLY: V4Answer = {
  status: 400,
  headers: { 'content-type': PLAIN_TEXT },
  body: utf8ToBytes('Invalid v4 onion request'),
};

/**
 * Reads a server's plaintext; `body` is a view into it (onion-requests §1.8).
 * @throws WireError `onion` for bad lengths, a missing body part, code or headers, or a JSON content type without JSON.
 */
export function decodeV4Reply(plaintext: Uint8Array): V4Reply {
  const { metadata, body } = decodeV4(plaintext);
  const { code } = metadata;
  if (typeof code !== 'number' || !Number.isInteger(code) || code < 100 || code > 999) {
    throw new WireError('onion', 'the answer has no code');
  }
  if (body === null) throw new WireError('onion', 'the answer has no body part');
  const headers = readHeaders(metadata.headers);
  return { status: code, headers, body, content: readContent(headers.get('content-type'), body) };
}

function readContent(contentType: string | undefined, body: Uint8Array): V4Reply['content'] {
  switch (contentType) {
    case 'application/json':
      return { kind: 'json', value: parseJsonContent(body) };
    case PLAIN_TEXT:
      return { kind: 'text', text: Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8') };
    default:
      return { kind: 'bytes' };
  }
}
