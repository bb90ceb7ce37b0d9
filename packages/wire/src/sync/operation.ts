import { bytesToBase64Unpadded, concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { blake2b } from '../crypto/index.ts';
import { checkRequest, parseForwardedRequest, RpcFailure, type SwarmRequest } from '../rpc/index.ts';
import type { SignedOperation, SyncMessage } from './contents.ts';
import type { SyncState } from './state.ts';

/** Messages that were stored while a delete_all was under way have later times than it by no more than this. */
const DELETE_ALL_REACH_MS = 70_000;

/** Everything that a delete_all of this time deletes has a time up to this one, ms (sync §5). */
export function deleteAllReach(timestamp: number): number {
  return timestamp + DELETE_ALL_REACH_MS;
}

/** The id by which states name a subaccount of an account: 43 base64 characters (sync §3). */
export function revocationId(account: Uint8Array, token: Uint8Array): string {
  return bytesToBase64Unpadded(blake2b(32, concatBytes(utf8ToBytes('revocation'), account, token)));
}

/**
 * The request of a signed operation, if its client really signed it; whether it came in time was checked when it was
 * executed (sync §5). `null` for anything else.
 */
export function verifyOperation({ method, params }: SignedOperation): SwarmRequest | null {
  try {
    const request = parseForwardedRequest(method, params);
    const refusal = checkRequest(request, { now: timeOf(request), forwarded: true, isRevoked: () => false });
    return refusal ? null : request;
  } catch (error) {
    if (error instanceof RpcFailure) return null;
    throw error;
  }
}

/**
 * Whether the client asked for what the state says of a message of its account (sync §5); `message` is null where that is
 * not known: then it may have been one that the request means.
 */
export function coversMessage(
  request: SwarmRequest,
  { id, kind, expiry }: SyncState,
  message: Pick<SyncMessage, 'namespace' | 'timestamp'> | null,
): boolean {
  const inNamespace = (asked: number | 'all') => !message || asked === 'all' || asked === message.namespace;
  const timestamp = message?.timestamp ?? Number.NEGATIVE_INFINITY;
  switch (request.method) {
    case 'delete':
      return kind === 'deleted' && request.messages.includes(id);
    case 'delete_all':
      return kind === 'deleted' && inNamespace(request.namespace) && timestamp <= deleteAllReach(request.timestamp);
    case 'delete_before':
      return kind === 'deleted' && inNamespace(request.namespace) && timestamp <= request.before;
    case 'expire': {
      const place = request.messages.indexOf(id);
      const asked = request.expiries.length === 1 ? request.expiries[0]! : request.expiries[place];
      return kind === 'kept' && request.mode !== 'extend' && place >= 0 && asked !== undefined && expiry >= asked;
    }
    case 'expire_all':
      return kind === 'kept' && inNamespace(request.namespace) && expiry >= request.expiry;
    default:
      return false;
  }
}

/** The token that a state of a revocation is about, if the client asked for that; else `null` (sync §5). */
export function coveredToken(request: SwarmRequest, { id, kind, revision }: SyncState): Uint8Array | null {
  const method = kind === 'revoked' ? 'revoke_subaccount' : 'unrevoke_subaccount';
  if (request.method !== method || !('tokens' in request) || request.timestamp !== revision) return null;
  return request.tokens.find((token) => revocationId(request.account, token) === id) ?? null;
}

/** A clock at which the request is in time. */
function timeOf(request: SwarmRequest): number {
  switch (request.method) {
    case 'delete_all':
    case 'revoke_subaccount':
    case 'unrevoke_subaccount':
      return request.timestamp;
    case 'delete_before':
      return request.before;
    case 'expire_all':
      return request.expiry;
    case 'expire':
      return Math.min(...request.expiries);
    case 'delete':
    case 'store':
      return 0;
  }
}
