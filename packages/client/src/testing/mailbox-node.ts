import { directoryDigest } from '@sotto/directory';
import { bytesToBase64 } from '@sotto/wire/bytes';
import type { NodeAnswer } from '@sotto/wire/onion';
import { NO_NAMES_TEXT } from '@sotto/wire/ons';
import {
  checkRequest,
  type DeleteRequest,
  type DirectoryRequest,
  deleteMemberBytes,
  type ExpireRequest,
  expireMemberBytes,
  messageHash,
  parseRequest,
  RpcFailure,
  readEnvelope,
  type StorageRequest,
} from '@sotto/wire/rpc';

/** A message as a simulated node keeps it. */
export interface KeptMessage {
  readonly accountId: string;
  readonly namespace: number;
  readonly hash: string;
  readonly data: Uint8Array;
  readonly timestamp: number;
  readonly expiry: number;
}

/** What a simulated node does with a request. */
export interface MailboxContext {
  /** The node's own clock, ms. */
  readonly now: number;
  /** The messages of this node, in the order in which it stored them. */
  readonly kept: KeptMessage[];
  /** The signed directory that this node has; `null` if it does not know the method, as nodes of other makes. */
  readonly directory: Uint8Array | null;
  /** What the node announces beyond others; absent: nothing. */
  readonly features?: readonly string[];
  /** The keys (hex) of the account's swarm, and whether this node is one of them. */
  readonly swarmOf: (accountId: string) => { readonly keys: readonly string[]; readonly isMember: boolean };
  /** Lets every member that works do something with its messages; gives what they answer, signed, by their keys. */
  readonly onMembers: (work: (kept: KeptMessage[]) => MemberWork) => Readonly<Record<string, object>>;
  /** Stores a message on the members; gives what they sign, by their keys. */
  readonly replicate: (message: KeptMessage) => Readonly<Record<string, object>>;
}

/** What a member did. */
export interface MemberWork {
  readonly result: object;
  readonly signed: Uint8Array;
}

/** Answers like a storage node, with the checks of the real one, on messages kept in memory. */
export function answerRpc(body: Uint8Array, context: MailboxContext): NodeAnswer {
  try {
    const { method, params } = readEnvelope(body);
    const request = parseRequest(method, params);
    if (request.method === 'directory') return directoryAnswer(request, context.directory);
    if (request.method === 'sequence') return json(200, { results: runInTurn(request.requests, context) });
    if (request.method !== 'batch') return json(200, run(request, context));
    return json(200, { results: request.requests.map((each) => resultOf(each, context)) });
  } catch (error) {
    if (error instanceof Misdirected) return json(421, error.body);
    if (!(error instanceof RpcFailure)) throw error;
    return { status: error.status, body: { kind: 'text', text: error.message } };
  }
}

/** The method of a request, or of the first one in a batch. */
export function methodOf(request: { readonly method: string; readonly params: object }): string {
  const { requests } = request.params as { requests?: readonly { readonly method: string }[] };
  return requests?.[0]?.method ?? request.method;
}

/** One after another, up to the first that fails. */
function runInTurn(requests: readonly StorageRequest[], context: MailboxContext): object[] {
  const results: { readonly code: number }[] = [];
  for (const request of requests) {
    const result = resultOf(request, context);
    results.push(result);
    if (result.code !== 200) break;
  }
  return results;
}

function resultOf(
  request: StorageRequest,
  context: MailboxContext,
): { readonly code: number; readonly body: object | string } {
  try {
    return { code: 200, body: run(request, context) };
  } catch (error) {
    if (error instanceof Misdirected) return { code: 421, body: error.body };
    if (!(error instanceof RpcFailure)) throw error;
    return { code: error.status, body: error.message };
  }
}

function directoryAnswer({ known }: DirectoryRequest, directory: Uint8Array | null): NodeAnswer {
  if (!directory) throw new RpcFailure(400, 'no method directory');
  const bytes = known === directoryDigest(directory) ? new Uint8Array() : directory;
  return { status: 200, body: { kind: 'bytes', bytes } };
}

class Misdirected extends Error {
  readonly body: object;

  constructor(keys: readonly string[]) {
    super('wrong swarm');
    this.body = { snodes: keys.map((pubkey_ed25519) => ({ pubkey_ed25519 })), swarm: '1' };
  }
}

function run(request: StorageRequest, context: MailboxContext): object {
  const t = context.now;
  if (request.method === 'info')
    return { version: [2, 11, 3], timestamp: t, features: context.features, t, hf: [19, 6] };
  if (request.method === 'oxend_request') throw new RpcFailure(400, NO_NAMES_TEXT);
  const { method } = request;
  const isKnown = method === 'store' || method === 'retrieve' || method === 'delete' || method === 'expire';
  if (!isKnown) throw new RpcFailure(400, 'not simulated');
  const { keys, isMember } = context.swarmOf(request.accountId);
  if (!isMember) throw new Misdirected(keys);
  const failure = checkRequest(request, { now: t, forwarded: false, isRevoked: () => false });
  if (failure) throw failure;
  if (method === 'delete') return { swarm: context.onMembers((kept) => deleteFrom(kept, request)), t, hf: [19, 6] };
  if (method === 'expire') return { swarm: context.onMembers((kept) => expireIn(kept, request)), t, hf: [19, 6] };
  const { accountId, account, namespace } = request;
  if (method === 'store') {
    const { data, timestamp, expiry } = request;
    const message = { accountId, namespace, hash: messageHash(account, namespace, data), data, timestamp, expiry };
    return { hash: message.hash, swarm: context.replicate(message), t, hf: [19, 6] };
  }
  const box = context.kept.filter(
    (message) => message.accountId === accountId && message.namespace === namespace && message.expiry > t,
  );
  const start = box.findIndex(({ hash }) => hash === request.lastHash) + 1;
  const size = Math.min(request.maxCount ?? PAGE, PAGE);
  const messages = box.slice(start, start + size).map((message) => ({
    hash: message.hash,
    timestamp: message.timestamp,
    expiration: message.expiry,
    data: bytesToBase64(message.data),
  }));
  return { messages, more: box.length > start + size, t, hf: [19, 6] };
}

function deleteFrom(kept: KeptMessage[], request: DeleteRequest): MemberWork {
  const has = (hash: string) =>
    kept.some((message) => message.hash === hash && message.accountId === request.accountId);
  const deleted = [...new Set(request.messages)].filter(has).sort();
  kept.splice(0, kept.length, ...kept.filter(({ hash }) => !deleted.includes(hash)));
  return { result: { deleted }, signed: deleteMemberBytes(request, deleted) };
}

/** Shortening and extending, which is all that clients do. */
function expireIn(kept: KeptMessage[], request: ExpireRequest): MemberWork {
  const updated: string[] = [];
  const unchanged = new Map<string, number>();
  for (const [index, hash] of request.messages.entries()) {
    const expiry = request.expiries[index] ?? request.expiries[0]!;
    const place = kept.findIndex((message) => message.hash === hash && message.accountId === request.accountId);
    const message = kept[place];
    if (!message) continue;
    if (request.mode === 'extend' ? message.expiry >= expiry : message.expiry <= expiry)
      unchanged.set(hash, message.expiry);
    else {
      kept[place] = { ...message, expiry };
      updated.push(hash);
    }
  }
  updated.sort();
  const expiry = updated.map((hash) => kept.find((message) => message.hash === hash)!.expiry);
  const single = request.expiries.length === 1 ? request.expiries[0]! : expiry;
  const signed = expireMemberBytes(request, { expiry: single, updated, unchanged });
  return { result: { expiry: single, updated, unchanged: Object.fromEntries(unchanged) }, signed };
}

/** Small, so that tests meet `more`. */
const PAGE = 10;

function json(status: number, value: object): NodeAnswer {
  return { status, body: { kind: 'json', text: JSON.stringify(value) } };
}
