/**
 * Storage requests as values, the same whatever form they came in. Times are Unix milliseconds; keys, tokens and
 * signatures raw bytes; an account is given both as text and as bytes.
 */

/** Proof that a request may act on an account (storage-rpc §4). */
export interface RequestAuth {
  /** 64 bytes over the signed bytes of the request. */
  readonly signature: Uint8Array;
  /** 32 bytes; only for accounts with prefix 05. */
  readonly ed25519Key: Uint8Array | null;
  /** Token (36 bytes) and the account's signature of it (64), if a subaccount signed the request. */
  readonly subaccount: { readonly token: Uint8Array; readonly signature: Uint8Array } | null;
}

/** What every request on a mailbox has. */
interface OnAccount {
  /** 66 lower-case hex digits. */
  readonly accountId: string;
  /** The same as 33 bytes: prefix ‖ key. */
  readonly account: Uint8Array;
}

interface Authenticated extends OnAccount {
  readonly auth: RequestAuth;
}

/** One namespace, or the word that stands for all of them. */
export type NamespaceOrAll = number | 'all';

/** (storage-rpc §8.1) */
export interface StoreRequest extends OnAccount {
  readonly method: 'store';
  readonly namespace: number;
  /** Time of the message. */
  readonly timestamp: number;
  /** Absolute; a time to live is converted on parsing. */
  readonly expiry: number;
  /** Time that the signature covers; equals `timestamp` if the client gave none. */
  readonly sigTimestamp: number;
  readonly data: Uint8Array;
  /** `null` if the request is not signed. */
  readonly auth: RequestAuth | null;
}

/** (storage-rpc §8.2) */
export interface RetrieveRequest extends OnAccount {
  readonly method: 'retrieve';
  readonly namespace: number;
  /** 43 characters: only what was stored after it. */
  readonly lastHash: string | null;
  /** As sent, clamped to 32 bits; `null` if not given. */
  readonly maxCount: number | null;
  readonly maxSize: number | null;
  readonly reverseDirection: boolean;
  /** `null` exactly when `timestamp` is. */
  readonly auth: RequestAuth | null;
  readonly timestamp: number | null;
  /** Our own: how long the node may hold its answer while it has nothing, ms; 0 for not at all (waiting §1). */
  readonly wait: number;
}

/** (storage-rpc §8.3) */
export interface DeleteRequest extends Authenticated {
  readonly method: 'delete';
  readonly messages: readonly string[];
  /** Answer 404 if nothing was deleted. */
  readonly required: boolean;
}

/** (storage-rpc §8.4) */
export interface DeleteAllRequest extends Authenticated {
  readonly method: 'delete_all';
  readonly namespace: NamespaceOrAll;
  readonly timestamp: number;
}

/** (storage-rpc §8.5) */
export interface DeleteBeforeRequest extends Authenticated {
  readonly method: 'delete_before';
  readonly namespace: NamespaceOrAll;
  readonly before: number;
}

/** (storage-rpc §8.6) */
export interface ExpireAllRequest extends Authenticated {
  readonly method: 'expire_all';
  readonly namespace: NamespaceOrAll;
  readonly expiry: number;
}

/** (storage-rpc §8.7) */
export interface ExpireRequest extends Authenticated {
  readonly method: 'expire';
  /** One for all messages, or one for each, as requested and not clamped. */
  readonly expiries: readonly number[];
  readonly messages: readonly string[];
  readonly mode: 'set' | 'extend' | 'shorten';
}

/** (storage-rpc §8.10) */
export interface GetExpiriesRequest extends Authenticated {
  readonly method: 'get_expiries';
  readonly messages: readonly string[];
  readonly timestamp: number;
}

/** (storage-rpc §8.8) */
export interface RevokeRequest extends Authenticated {
  readonly method: 'revoke_subaccount' | 'unrevoke_subaccount';
  /** 36 bytes each, in request order. */
  readonly tokens: readonly Uint8Array[];
  readonly timestamp: number;
}

/** (storage-rpc §8.9) */
export interface RevokedSubaccountsRequest extends Authenticated {
  readonly method: 'revoked_subaccounts';
  readonly timestamp: number;
}

/** Also what `get_snodes_for_pubkey` is parsed to (storage-rpc §8.11). */
export interface GetSwarmRequest extends OnAccount {
  readonly method: 'get_swarm';
}

/** (storage-rpc §8.12) */
export interface InfoRequest {
  readonly method: 'info';
}

/** (storage-rpc §8.13) */
export interface OxendRequest {
  readonly method: 'oxend_request';
  readonly endpoint: 'get_service_nodes' | 'ons_resolve';
  /** Any JSON value, passed on; `null` if not given. */
  readonly params: unknown;
}

/** (storage-rpc §8.14) */
export interface ActiveNodesRequest {
  readonly method: 'active_nodes_bin';
}

/** Our own: the signed directory of the network (directory §6). */
export interface DirectoryRequest {
  readonly method: 'directory';
  /** BLAKE2b-256 of the signed bytes that the client has, 64 lower-case hex digits; `null` if it has none. */
  readonly known: string | null;
}

/** What may stand inside a batch or a sequence. */
export type PlainRequest =
  | StoreRequest
  | RetrieveRequest
  | DeleteRequest
  | DeleteAllRequest
  | DeleteBeforeRequest
  | ExpireAllRequest
  | ExpireRequest
  | GetExpiriesRequest
  | RevokeRequest
  | RevokedSubaccountsRequest
  | GetSwarmRequest
  | InfoRequest
  | OxendRequest
  | ActiveNodesRequest
  | DirectoryRequest;

/** 1 to 20 requests; `batch` in any order, `sequence` one after the other up to the first failure (storage-rpc §9.1). */
export interface BatchRequest {
  readonly method: 'batch' | 'sequence';
  readonly requests: readonly PlainRequest[];
}

/** What an `ifelse` asks; all that are given must hold. Missing ones are `null` (storage-rpc §9.2). */
export interface IfCondition {
  readonly hfAtLeast: readonly [number, number] | null;
  readonly hfBefore: readonly [number, number] | null;
  readonly versionAtLeast: readonly [number, number, number] | null;
  readonly versionBefore: readonly [number, number, number] | null;
  readonly heightAtLeast: number | null;
  readonly heightBefore: number | null;
}

/** At least one branch is there; the wire calls them `then` and `else` (storage-rpc §9.2). */
export interface IfElseRequest {
  readonly method: 'ifelse';
  readonly condition: IfCondition;
  readonly whenTrue: StorageRequest | null;
  readonly whenFalse: StorageRequest | null;
}

/** Any request that a client may send. */
export type StorageRequest = PlainRequest | BatchRequest | IfElseRequest;

/** Requests that the entry node sends on to the whole swarm (storage-rpc §2.5). */
export type SwarmRequest =
  | StoreRequest
  | DeleteRequest
  | DeleteAllRequest
  | DeleteBeforeRequest
  | ExpireAllRequest
  | ExpireRequest
  | RevokeRequest;

/** Parameters in one of the two forms; bytes are a bencoded dict, `value` is what `JSON.parse` gave. */
export type RequestParams =
  | { readonly format: 'json'; readonly value: unknown }
  | { readonly format: 'bt'; readonly bytes: Uint8Array };
