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
export function readBody(request: IncomingMessage, address: string, budget: ByteBudget): Promise<Buffer | BodyProblem> {
  const { promise, resolve } = Promise.withResolvers<Buffer | BodyProblem>();
  const parts: Buffer[] = [];
  let size = 0;
  const stop = (result: Buffer | BodyProblem) => {
    request.off('data', take).off('end', finish).off('error', abort).off('close', abort);
    if (typeof result === 'string') {
      request.pause();
      budget.give(address, size);
    }
    resolve(result);
  };
  const take = (part: Buffer) => {
    if (size + part.length > MAX_BODY_BYTES) return stop('too-large');
    if (!budget.take(address, part.length)) return stop('busy');
    size += part.length;
    parts.push(part);
  };
  const finish = () => stop(parts.length === 1 ? parts[0]! : Buffer.concat(parts, size));
  const abort = () => stop('aborted');
  if (request.destroyed) abort();
  else request.on('data', take).once('end', finish).once('error', abort).once('close', abort);
  return promise;
}
