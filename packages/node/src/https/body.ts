import type { IncomingMessage } from 'node:http';
import type { ByteBudget } from '../net/byte-budget.ts';

/** Largest request body in bytes (storage-rpc §2.1). */
export const MAX_BODY_BYTES = 10_485_760;

/** A body that was not read: why. */
export type BodyProblem = 'too-large' | 'busy' | 'aborted';

/**
 * Reads a request's body, of stated length or chunked, up to 10 MiB and within the budget that all requests share; the
 * caller gives the bytes back to the budget when it is done with them.
 */
export async function readBody(
  request: IncomingMessage,
  address: string,
  budget: ByteBudget,
): Promise<Buffer | BodyProblem> {
  const parts: Buffer[] = [];
  let size = 0;
  let problem: BodyProblem | undefined;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      if (size + part.length > MAX_BODY_BYTES) problem = 'too-large';
      else if (!budget.take(address, part.length)) problem = 'busy';
      if (problem) break;
      size += part.length;
      parts.push(part);
    }
  } catch {
    problem = 'aborted';
  }
  if (problem) {
    budget.give(address, size);
    return problem;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
}
