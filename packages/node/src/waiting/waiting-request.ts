import type { RetrieveRequest, StorageRequest } from '@sotto/wire/rpc';
import type { ReplyObject, RpcReply } from '../handler/rpc-reply.ts';

/** What a request waits for: the retrieves in it, and the shortest time that one of them allows, ms. */
export interface Wait {
  readonly retrieves: readonly RetrieveRequest[];
  readonly ms: number;
}

/**
 * How long a request may wait, and for what (waiting §1): a retrieve with `wait`, or a batch of nothing but these and
 * `info`, which is answered as a whole. `null` for all others, which are answered at once.
 */
export function waitOf(request: StorageRequest): Wait | null {
  if (request.method === 'retrieve') return waitOfAll([request]);
  if (request.method !== 'batch') return null;
  const retrieves = request.requests.filter((each) => each.method === 'retrieve');
  const others = request.requests.filter((each) => each.method !== 'retrieve' && each.method !== 'info');
  return others.length === 0 ? waitOfAll(retrieves) : null;
}

function waitOfAll(retrieves: readonly RetrieveRequest[]): Wait | null {
  const ms = Math.min(...retrieves.map(({ wait }) => wait));
  return retrieves.length > 0 && ms > 0 ? { retrieves, ms } : null;
}

/** Has every retrieve in the answer succeeded, and none found a message? Only then is there a reason to wait. */
export function hasNothing({ status, body }: RpcReply): boolean {
  if (status !== 200 || typeof body !== 'object' || body instanceof Uint8Array) return false;
  if (!Array.isArray(body.results)) return isEmpty(body);
  const results = body.results as readonly { readonly code: number; readonly body: ReplyObject | string }[];
  return results.every(({ code, body: result }) => {
    if (code !== 200 || typeof result === 'string') return false;
    return result.messages === undefined || isEmpty(result);
  });
}

function isEmpty({ messages }: ReplyObject): boolean {
  return Array.isArray(messages) && messages.length === 0;
}
