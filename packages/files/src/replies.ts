import { utf8ToBytes } from '@sotto/wire/bytes';
import type { V4Answer } from '@sotto/wire/onion';

const NOTHING = {};

/** A JSON answer; `headers` in lower case beside the content type. */
export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = NOTHING,
): V4Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: utf8ToBytes(JSON.stringify(value)),
  };
}

/** How every endpoint says no (messages §9.2). */
export function failureReply(status: number): V4Answer {
  return jsonReply(status, { status_code: status });
}

/** A refusal that says why in plain text. */
export function textReply(status: number, text: string): V4Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: utf8ToBytes(text) };
}
