import { WireError } from '../errors.ts';
import { accountOf } from './account-field.ts';
import { type JsonRequest, jsonRequest } from './catalogue.ts';
import { deleteSignedBytes } from './endpoints/delete.ts';
import { deleteAllSignedBytes } from './endpoints/delete-all.ts';
import { deleteBeforeSignedBytes } from './endpoints/delete-before.ts';
import { expireSignedBytes } from './endpoints/expire.ts';
import { expireAllSignedBytes } from './endpoints/expire-all.ts';
import { getExpiriesSignedBytes } from './endpoints/get-expiries.ts';
import { retrieveSignedBytes } from './endpoints/retrieve.ts';
import { revokedSubaccountsSignedBytes, revokeSignedBytes } from './endpoints/revoke.ts';
import { storeSignedBytes } from './endpoints/store.ts';
import { isPublicInbox, namespaceRules } from './namespace.ts';
import type { ExpireRequest, NamespaceOrAll, OxendRequest, RevokeRequest } from './request.ts';
import type { RequestSigner } from './signer.ts';

/*
 * Requests of a client, signed and ready to send. Times are network time in ms. All throw WireError `key` for an
 * account id that is none; bounds of the other values are the nodes' to check.
 */

/** A message for a mailbox: public inboxes take it unsigned from anyone, other namespaces need the owner's signature. */
export interface StoreInput {
  readonly accountId: string;
  /** Default 0. */
  readonly namespace?: number;
  readonly data: Uint8Array;
  /** Time of the message; also covered by the signature unless `sigTimestamp` is given. */
  readonly timestamp: number;
  readonly ttl: number;
  readonly signer?: RequestSigner;
  readonly sigTimestamp?: number;
}

/**
 * (storage-rpc §8.1)
 * @throws WireError `rpc` if the namespace needs a signer and there is none, or the signer acts for another account.
 */
export function buildStore(input: StoreInput): JsonRequest {
  const { accountId, namespace = 0, data, timestamp, ttl, signer } = input;
  if (signer !== undefined && signer.accountId !== accountId)
    throw new WireError('rpc', 'the signer of another account');
  if (signer === undefined && !isPublicInbox(namespace)) throw new WireError('rpc', 'this namespace needs a signer');
  const signed = { namespace, sigTimestamp: input.sigTimestamp ?? timestamp };
  return jsonRequest({
    method: 'store',
    ...accountOf(accountId),
    ...signed,
    timestamp,
    expiry: timestamp + ttl,
    data,
    auth: signer?.sign(storeSignedBytes(signed)) ?? null,
  });
}

/** What to read; see storage-rpc §8.2 for negative `maxSize`. */
export interface RetrieveInput {
  /** Default 0. */
  readonly namespace?: number;
  /** Only what the asked node stored after this one. */
  readonly lastHash?: string | null;
  readonly maxCount?: number;
  readonly maxSize?: number;
  /** How long a node that knows it may hold its answer while it has nothing, ms (waiting §1). */
  readonly wait?: number;
}

/** (storage-rpc §8.2) */
export function buildRetrieve(
  signer: RequestSigner,
  input: RetrieveInput & { readonly timestamp: number },
): JsonRequest {
  const signed = { namespace: input.namespace ?? 0, timestamp: input.timestamp };
  return retrieveRequest(signer.accountId, input, signed.timestamp, signer.sign(retrieveSignedBytes(signed)));
}

/**
 * Reads a namespace that anyone may read (storage-rpc §5).
 * @throws WireError `rpc` for another namespace.
 */
export function buildPublicRetrieve(accountId: string, input: RetrieveInput): JsonRequest {
  if (!namespaceRules(input.namespace ?? 0).noAuthRetrieve) throw new WireError('rpc', 'this namespace needs a signer');
  return retrieveRequest(accountId, input, null, null);
}

/** Deletes by hash; with `required`, an answer that deleted nothing is a 404 (storage-rpc §8.3). */
export function buildDelete(
  signer: RequestSigner,
  { messages, required = false }: { readonly messages: readonly string[]; readonly required?: boolean },
): JsonRequest {
  const auth = signer.sign(deleteSignedBytes({ messages }));
  return jsonRequest({ method: 'delete', ...accountOf(signer.accountId), auth, messages, required });
}

/** (storage-rpc §8.4) */
export function buildDeleteAll(
  signer: RequestSigner,
  input: { readonly namespace: NamespaceOrAll; readonly timestamp: number },
): JsonRequest {
  const auth = signer.sign(deleteAllSignedBytes(input));
  return jsonRequest({ ...input, method: 'delete_all', ...accountOf(signer.accountId), auth });
}

/** (storage-rpc §8.5) */
export function buildDeleteBefore(
  signer: RequestSigner,
  input: { readonly namespace: NamespaceOrAll; readonly before: number },
): JsonRequest {
  const auth = signer.sign(deleteBeforeSignedBytes(input));
  return jsonRequest({ ...input, method: 'delete_before', ...accountOf(signer.accountId), auth });
}

/** (storage-rpc §8.6) */
export function buildExpireAll(
  signer: RequestSigner,
  input: { readonly namespace: NamespaceOrAll; readonly expiry: number },
): JsonRequest {
  const auth = signer.sign(expireAllSignedBytes(input));
  return jsonRequest({ ...input, method: 'expire_all', ...accountOf(signer.accountId), auth });
}

/** One expiry for all messages, or one for each; `mode` is `set` by default (storage-rpc §8.7). */
export function buildExpire(
  signer: RequestSigner,
  input: {
    readonly messages: readonly string[];
    readonly expiry: number | readonly number[];
    readonly mode?: ExpireRequest['mode'];
  },
): JsonRequest {
  const { messages, expiry, mode = 'set' } = input;
  const signed = { mode, messages, expiries: typeof expiry === 'number' ? [expiry] : expiry };
  const auth = signer.sign(expireSignedBytes(signed));
  return jsonRequest({ method: 'expire', ...accountOf(signer.accountId), auth, ...signed });
}

/** (storage-rpc §8.10) */
export function buildGetExpiries(
  signer: RequestSigner,
  input: { readonly messages: readonly string[]; readonly timestamp: number },
): JsonRequest {
  const auth = signer.sign(getExpiriesSignedBytes(input));
  return jsonRequest({ ...input, method: 'get_expiries', ...accountOf(signer.accountId), auth });
}

/** Takes rights from subaccounts, or gives them back; tokens have 36 bytes (storage-rpc §8.8). */
export function buildRevoke(
  signer: RequestSigner,
  input: Pick<RevokeRequest, 'method' | 'tokens' | 'timestamp'>,
): JsonRequest {
  const auth = signer.sign(revokeSignedBytes(input));
  return jsonRequest({ ...input, ...accountOf(signer.accountId), auth });
}

/** Only for accounts whose id is an Ed25519 key, which groups are (storage-rpc §8.9). */
export function buildRevokedSubaccounts(signer: RequestSigner, input: { readonly timestamp: number }): JsonRequest {
  const auth = signer.sign(revokedSubaccountsSignedBytes(input));
  return jsonRequest({ ...input, method: 'revoked_subaccounts', ...accountOf(signer.accountId), auth });
}

/** (storage-rpc §8.11) */
export function buildGetSwarm(accountId: string): JsonRequest {
  return jsonRequest({ method: 'get_swarm', ...accountOf(accountId) });
}

/** (storage-rpc §8.12) */
export function buildInfo(): JsonRequest {
  return jsonRequest({ method: 'info' });
}

/** (storage-rpc §8.14) */
export function buildActiveNodes(): JsonRequest {
  return jsonRequest({ method: 'active_nodes_bin' });
}

/**
 * (directory §6)
 * @param known BLAKE2b-256 of the signed directory that is known already, 64 hex digits; `null` if none is.
 */
export function buildDirectory(known: string | null): JsonRequest {
  return jsonRequest({ method: 'directory', known });
}

/** (storage-rpc §8.13) */
export function buildOxendRequest(endpoint: OxendRequest['endpoint'], params: unknown = null): JsonRequest {
  return jsonRequest({ method: 'oxend_request', endpoint, params });
}

function retrieveRequest(
  accountId: string,
  input: RetrieveInput,
  timestamp: number | null,
  auth: ReturnType<RequestSigner['sign']> | null,
): JsonRequest {
  return jsonRequest({
    method: 'retrieve',
    ...accountOf(accountId),
    namespace: input.namespace ?? 0,
    lastHash: input.lastHash ?? null,
    maxCount: input.maxCount ?? null,
    maxSize: input.maxSize ?? null,
    reverseDirection: false,
    auth,
    timestamp,
    wait: input.wait ?? 0,
  });
}
