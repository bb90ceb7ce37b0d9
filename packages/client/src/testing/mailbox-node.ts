import { directoryDigest } from '@sotto/directory';
import { bytesToBase64 } from '@sotto/wire/bytes';
import type { NodeAnswer } from '@sotto/wire/onion';
import {
  checkRequest,
  type DirectoryRequest,
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
  /** The keys (hex) of the account's swarm, and whether this node is one of them. */
  readonly swarmOf: (accountId: string) => { readonly keys: readonly string[]; readonly isMember: boolean };
  /** Stores a message on the members; gives what they sign, by their keys. */
  readonly replicate: (message: KeptMessage) => Readonly<Record<string, object>>;
}

/** Answers like a storage node, with the checks of the real one, on messages kept in memory. */
export function answerRpc(body: Uint8Array, context: MailboxContext): NodeAnswer {
  try {
    const { method, params } = readEnvelope(body);
    const request = parseRequest(method, params);
    if (request.method === 'directory') return directoryAnswer(request, context.directory);
    return json(200, run(request, context));
  } catch (error) {
    if (error instanceof Misdirected) return json(421, error.body);
    if (!(error instanceof RpcFailure)) throw error;
    return { status: error.status, body: { kind: 'text', text: error.message } };
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
  if (request.method === 'info') return { version: [2, 11, 3], timestamp: t, t, hf: [19, 6] };
  if (request.method !== 'store' && request.method !== 'retrieve') throw new RpcFailure(400, 'not simulated');
  const { keys, isMember } = context.swarmOf(request.accountId);
  if (!isMember) throw new Misdirected(keys);
  const failure = checkRequest(request, { now: t, forwarded: false, isRevoked: () => false });
  if (failure) throw failure;
  const { accountId, account, namespace } = request;
  if (request.method === 'store') {
    const { data, timestamp, expiry } = request;
    const message = { accountId, namespace, hash: messageHash(account, namespace, data), data, timestamp, expiry };
    return { hash: message.hash, swarm: context.replicate(message), t, hf: [19, 6] };
  }
  const box = context.kept.filter((message) => message.accountId === accountId && message.namespace === namespace);
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

/** Small, so that tests meet `more`. */
const PAGE = 10;

function json(status: number, value: object): NodeAnswer {
  return { status, body: { kind: 'json', text: JSON.stringify(value) } };
}
