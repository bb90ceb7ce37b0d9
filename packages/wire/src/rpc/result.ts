import { WireError } from '../errors.ts';
import { isJsonObject } from './json.ts';
import { malformed, readList, readObject } from './reply-reader.ts';

/** What one request gave: status and body. A body is text for refusals, a JSON value otherwise (storage-rpc §2.2). */
export interface RpcResult {
  readonly code: number;
  readonly body: unknown;
}

/** The result that an answer's status and body are; a body that is JSON is parsed, any other is text. */
export function readResult(status: number, body: string): RpcResult {
  try {
    return { code: status, body: JSON.parse(body) };
  } catch {
    return { code: status, body };
  }
}

/**
 * The results of a `batch` or `sequence`, in the order of the requests; a sequence ends with the one that failed
 * (storage-rpc §9.1).
 * @throws WireError `rpc` for a malformed body, or more results than were asked for (`requests`).
 */
export function parseBatchReply(body: unknown, requests: number): RpcResult[] {
  const results = readList(readObject(body, 'answer'), 'results');
  if (results.length > requests) malformed('results');
  return results.map((entry) => {
    const { code, body: inner } = readObject(entry, 'results');
    if (!Number.isInteger(code)) malformed('code');
    return { code: code as number, body: inner };
  });
}

/** What an `ifelse` found and did; `result` is `null` if the chosen branch is missing (storage-rpc §9.2). */
export interface IfElseReply {
  readonly condition: boolean;
  readonly result: RpcResult | null;
}

/** @throws WireError `rpc` for a malformed body. */
export function parseIfElseReply(body: unknown): IfElseReply {
  const { condition, result } = readObject(body, 'answer');
  if (typeof condition !== 'boolean') malformed('condition');
  if (result === undefined) return { condition, result: null };
  const { code, body: inner } = readObject(result, 'result');
  if (!Number.isInteger(code)) malformed('code');
  return { condition, result: { code: code as number, body: inner } };
}

/** The text of a refusal; empty if the body is a JSON value. */
export function refusalText({ body }: RpcResult): string {
  return typeof body === 'string' ? body : '';
}

/** Reads with a parser, giving `null` where it throws WireError. */
export function orNull<Value>(body: unknown, read: (body: unknown) => Value): Value | null {
  if (!isJsonObject(body)) return null;
  try {
    return read(body);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
