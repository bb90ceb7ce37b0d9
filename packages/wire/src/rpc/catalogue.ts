import { type BtInput, encodeBt } from '../bt/index.ts';
import { conditionParameters, MAXIMUM_BATCH_SIZE, parseBatch, parseIfElse, type SubRequests } from './batch.ts';
import type { Endpoint } from './endpoint.ts';
import { deleteMessages } from './endpoints/delete.ts';
import { deleteAll } from './endpoints/delete-all.ts';
import { deleteBefore } from './endpoints/delete-before.ts';
import { expire } from './endpoints/expire.ts';
import { expireAll } from './endpoints/expire-all.ts';
import { getExpiries } from './endpoints/get-expiries.ts';
import { activeNodes, directory, getSwarm, info, oxendRequest } from './endpoints/network.ts';
import { retrieve } from './endpoints/retrieve.ts';
import { revokedSubaccounts, revokeSubaccount, unrevokeSubaccount } from './endpoints/revoke.ts';
import { store } from './endpoints/store.ts';
import { readOmqParams } from './envelope.ts';
import { invalidRequest, RpcFailure } from './failure.ts';
import { readFields } from './fields.ts';
import { btParameters, jsonParameters } from './parameters.ts';
import type { IfElseRequest, PlainRequest, RequestParams, StorageRequest, SwarmRequest } from './request.ts';
import { orNull, type RpcResult, refusalText } from './result.ts';
import { readSwarm, type SwarmReply } from './swarm-object.ts';
import type { CheckContext } from './verify.ts';

/** All endpoints but those that hold other requests. */
const ENDPOINTS = {
  store,
  retrieve,
  delete: deleteMessages,
  delete_all: deleteAll,
  delete_before: deleteBefore,
  expire_all: expireAll,
  expire,
  get_expiries: getExpiries,
  revoke_subaccount: revokeSubaccount,
  unrevoke_subaccount: unrevokeSubaccount,
  revoked_subaccounts: revokedSubaccounts,
  get_swarm: getSwarm,
  info,
  oxend_request: oxendRequest,
  active_nodes_bin: activeNodes,
  directory,
} as const;

/** Some endpoint; which one goes with a request is known by its method only. */
type AnyEndpoint = Endpoint<PlainRequest, object, unknown>;

/** What {@link parseAnswer} gives for a method. */
export type ReplyOf<Method extends PlainRequest['method']> = ReturnType<(typeof ENDPOINTS)[Method]['readReply']>;

/** What came of a request. */
export type Answer<Reply> =
  | { readonly kind: 'done'; readonly reply: Reply }
  /** Another swarm has the account; `swarm` is `null` if the node did not say which (storage-rpc §7). */
  | { readonly kind: 'wrong-swarm'; readonly swarm: SwarmReply | null }
  /** `text` is empty if the body is no text (storage-rpc §13). */
  | { readonly kind: 'refused'; readonly code: number; readonly text: string };

/**
 * Reads what a request of this method gave, strictly: results of a batch alike.
 * @throws WireError `rpc` if the body of a success is malformed, `node-records` for a malformed node list.
 */
export function parseAnswer<Method extends PlainRequest['method']>(
  method: Method,
  result: RpcResult,
): Answer<ReplyOf<Method>> {
  if (result.code === 200) {
    const reply = ENDPOINTS[method].readReply(result.body) as ReplyOf<Method>;
    return { kind: 'done', reply };
  }
  if (result.code === 421) return { kind: 'wrong-swarm', swarm: orNull(result.body, readSwarm) };
  return { kind: 'refused', code: result.code, text: refusalText(result) };
}

const BY_NAME: ReadonlyMap<string, AnyEndpoint> = new Map(
  Object.values(ENDPOINTS).flatMap((endpoint) => {
    const any = endpoint as unknown as AnyEndpoint;
    return any.methods.map((method) => [method, any] as const);
  }),
);

const META_METHODS: ReadonlySet<string> = new Set(['batch', 'sequence', 'ifelse']);

/** All names of methods that a node answers (storage-rpc §8, §9). */
export const METHODS: readonly string[] = [...BY_NAME.keys(), ...META_METHODS];

const SWARM_METHODS: ReadonlySet<string> = new Set<SwarmRequest['method']>([
  'store',
  'delete',
  'delete_all',
  'delete_before',
  'expire',
  'expire_all',
  'revoke_subaccount',
  'unrevoke_subaccount',
]);

/**
 * Reads a request, with all requests inside it. Everything that is checked without knowing time, swarm or
 * revocations happens here but signatures (storage-rpc §3, §8, §9).
 * @throws RpcFailure 400.
 */
export function parseRequest(method: string, params: RequestParams): StorageRequest {
  const request = parseNamed(method, params, 0);
  if (request === null) throw new RpcFailure(400, `no method ${method}`);
  return request;
}

/**
 * Reads what the entry node of a swarm sent on, `sn.storage_cc` (storage-rpc §2.5); `bytes` is a bencoded dict, but JSON
 * is read as well (node-network §5.4).
 * @throws RpcFailure 400, also for methods that are never forwarded.
 */
export function parseForwardedRequest(method: string, bytes: Uint8Array): SwarmRequest {
  if (!SWARM_METHODS.has(method)) throw invalidRequest('received invalid forwarded non-forwardable request');
  return parseRequest(method, readOmqParams(bytes)) as SwarmRequest;
}

/**
 * The first reason to refuse a request: times, rules of the namespace, signatures, in the order of storage-rpc §8.
 * The node itself asks before it whether the account belongs to its swarm. `null` if the request is allowed; requests
 * that hold others are, each one inside is checked when it runs.
 */
export function checkRequest(request: StorageRequest, context: CheckContext): RpcFailure | null {
  return isPlain(request) ? endpointOf(request).check(request, context) : null;
}

/** What the signature of a request covers (storage-rpc §4.2); `null` for requests that are not signed. */
export function signedBytes(request: StorageRequest): Uint8Array | null {
  return isPlain(request) ? endpointOf(request).signedBytes(request) : null;
}

/** Whether the entry node sends the request on to the other members of the swarm (storage-rpc §2.5). */
export function isSwarmRequest(request: StorageRequest): request is SwarmRequest {
  return SWARM_METHODS.has(request.method);
}

/** The second part of `sn.storage_cc`: the request as the other members of the swarm read it (storage-rpc §2.5). */
export function forwardedParams(request: SwarmRequest): Uint8Array {
  return encodeBt(btParameters(endpointOf(request).parameters(request, 'member')));
}

/** A request as a client sends it, ready for `JSON.stringify` (storage-rpc §2.2). */
export interface JsonRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The JSON form of a request: {@link parseRequest} reads the same request from it. */
export function jsonRequest(request: StorageRequest): JsonRequest {
  const { method } = request;
  if (isPlain(request)) return { method, params: jsonParameters(endpointOf(request).parameters(request, 'node')) };
  if (request.method !== 'ifelse') return { method, params: { requests: request.requests.map(jsonRequest) } };
  return { method, params: ifElseParameters(request, jsonRequest) };
}

/** The bencoded parameters of a request: {@link parseRequest} reads the same request from them. */
export function btParams(request: StorageRequest): Uint8Array {
  return encodeBt(btRequest(request).params);
}

/** Joins requests; they stay valid on their own, each with its own signature (storage-rpc §9.1). */
export function batchOf(method: 'batch' | 'sequence', requests: readonly JsonRequest[]): JsonRequest {
  if (requests.length === 0 || requests.length > MAXIMUM_BATCH_SIZE) {
    throw new RangeError(`a ${method} holds 1 to ${MAXIMUM_BATCH_SIZE} requests`);
  }
  return { method, params: { requests } };
}

function btRequest(request: StorageRequest): { method: string; params: BtInput } {
  const { method } = request;
  if (isPlain(request)) return { method, params: btParameters(endpointOf(request).parameters(request, 'node')) };
  if (request.method !== 'ifelse') return { method, params: { requests: request.requests.map(btRequest) } };
  return { method, params: ifElseParameters(request, btRequest) };
}

function ifElseParameters<Branch>(request: IfElseRequest, write: (branch: StorageRequest) => Branch) {
  return {
    ...(request.whenFalse && { else: write(request.whenFalse) }),
    if: conditionParameters(request.condition),
    // biome-ignore lint/suspicious/noThenProperty: the name on the wire
    ...(request.whenTrue && { then: write(request.whenTrue) }),
  };
}

const subRequests: SubRequests = {
  parse: parseNamed,
  isMeta: (method) => META_METHODS.has(method),
};

function parseNamed(method: string, params: RequestParams, depth: number): StorageRequest | null {
  const endpoint = BY_NAME.get(method);
  if (endpoint !== undefined) return endpoint.parse(readFields(endpoint.fields, params));
  if (method === 'batch' || method === 'sequence') return parseBatch(method, params, subRequests, depth);
  return method === 'ifelse' ? parseIfElse(params, subRequests, depth) : null;
}

function isPlain(request: StorageRequest): request is PlainRequest {
  return !META_METHODS.has(request.method);
}

function endpointOf(request: PlainRequest): AnyEndpoint {
  return ENDPOINTS[request.method] as unknown as AnyEndpoint;
}
