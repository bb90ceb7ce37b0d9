import { WireError } from '../errors.ts';
import { jsonShapeProblem } from '../json-shape.ts';

/**
 * What became of one registration (messages §10). Refusals: 1 bad input, 2 service not available, 3 service timeout,
 * 4 another error, a bad signature too, 5 an error of the server; their `message` is the server's own.
 */
export type PushReply =
  | { readonly kind: 'added' | 'renewed' | 'removed' | 'unknown' }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string };

const MOST_BYTES = 200_000;
const LIMITS = { depth: 8, marks: 20_000 };
const LONGEST_MESSAGE = 500;

/**
 * Reads the answer to `/subscribe` or `/unsubscribe`: one object for one registration, an array for several.
 * `unknown`: there was nothing to remove.
 * @throws WireError `push` if it is malformed, or not one reply a registration (`count`).
 */
export function readPushReplies(body: Uint8Array, count: number): PushReply[] {
  const value = parse(body);
  const replies = Array.isArray(value) ? value : [value];
  if (replies.length !== count) throw new WireError('push', 'the answer has not one reply a registration');
  return replies.map(readReply);
}

function parse(body: Uint8Array): unknown {
  if (body.length > MOST_BYTES) throw new WireError('push', 'the answer is too long');
  const problem = jsonShapeProblem(body, LIMITS);
  if (problem !== null) throw new WireError('push', problem);
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new WireError('push', 'the answer is not JSON');
  }
}

function readReply(value: unknown): PushReply {
  if (typeof value !== 'object' || value === null) throw new WireError('push', 'a reply is no object');
  const { success, added, updated, removed, error, message } = value as Readonly<Record<string, unknown>>;
  if (Number.isInteger(error)) {
    const text = typeof message === 'string' ? message.slice(0, LONGEST_MESSAGE) : '';
    return { kind: 'refused', code: error as number, message: text };
  }
  if (success !== true) throw new WireError('push', 'a reply says neither success nor error');
  if (added === true) return { kind: 'added' };
  if (updated === true) return { kind: 'renewed' };
  return { kind: removed === true ? 'removed' : 'unknown' };
}
