import type { RpcFailure } from './failure.ts';
import type { FieldTable, Given } from './fields.ts';
import type { StorageRequest } from './request.ts';
import type { CheckContext } from './verify.ts';

/**
 * A parameter as it is sent: bytes become base64 or hex in JSON and stay raw in a bt dict; a JSON value stays itself
 * in JSON and becomes text in a bt dict.
 */
export type Parameter =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly (string | number | Uint8Array)[]
  | { readonly json: unknown }
  | undefined;

/** The parameters of a request before they take one of the two forms. */
export type Parameters = { readonly [name: string]: Parameter };

/** Who gets a request: a node from a client, or a member of the swarm from the entry node (storage-rpc §2.5). */
type Receiver = 'node' | 'member';

/**
 * One storage endpoint: its parameters, how they become a request and back, and when a request is allowed. Nodes
 * parse and check with it, clients build with it.
 */
export interface Endpoint<Request extends StorageRequest, Values, Reply> {
  /** All names of the method; the first is the one that requests carry. */
  readonly methods: readonly [Request['method'], ...string[]];
  readonly fields: FieldTable<Values>;
  /** Makes the request of parameters whose types are right. @throws RpcFailure 400. */
  parse(given: Given<Values>): Request;
  /** What the signature of a request covers (storage-rpc §4.2); `null` for methods that are never signed. */
  signedBytes(request: Request): Uint8Array | null;
  /** The first refusal in the order of storage-rpc §8, from behind the check of the swarm; `null` if allowed. */
  check(request: Request, context: CheckContext): RpcFailure | null;
  /** The parameters that {@link parse} would read as this request. */
  parameters(request: Request, receiver: Receiver): Parameters;
  /** Reads the body of an answer with status 200, as JSON. @throws WireError `rpc`. */
  readReply(body: unknown): Reply;
}

/** For endpoints that anyone may use: nothing is signed, nothing checked. */
export const open = {
  signedBytes: () => null,
  check: () => null,
};
