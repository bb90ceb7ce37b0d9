import { WireError } from '@sotto/wire';
import { type Account, accountIdToBytes } from '@sotto/wire/account';
import { maxSizes } from '@sotto/wire/polling';
import {
  accountSigner,
  batchOf,
  buildInfo,
  buildRetrieve,
  buildStore,
  type MemberFailure,
  messageHash,
  parseAnswer,
  parseBatchReply,
  type ReplyOf,
  type StoreMember,
  storeMemberBytes,
  verifyMember,
} from '@sotto/wire/rpc';
import type { SwarmCall, SwarmNode } from '../network/swarm-access.ts';
import type { StoredMessage } from './mailbox-namespace.ts';

/** More than a node can send within the limit of an answer's size (storage-rpc §8.2): a message takes 143 bytes at least. */
const MOST_MESSAGES = 60_000;

/** So many members must have signed that they keep a message, if there are as many: one alone may be lying. */
const LEAST_COPIES = 2;

/** What to store, and where. */
export interface MailboxStore {
  readonly accountId: string;
  /** Those who keep that mailbox. */
  readonly members: readonly SwarmNode[];
  readonly namespace: number;
  /** ms. */
  readonly ttl: number;
  /** Makes the data, anew for every attempt. */
  readonly seal: () => Uint8Array;
}

/** What a swarm says about a message that was stored. */
export interface Stored {
  readonly hash: string;
  /** Members that have signed that they keep it. */
  readonly copies: number;
}

/** Stores a message in a mailbox that takes them from anybody (storage-rpc §8.1). */
export function storeCall({ accountId, members, namespace, ttl, seal }: MailboxStore): SwarmCall<Stored> {
  let expected = '';
  return {
    build(timestamp) {
      const data = seal();
      expected = messageHash(accountIdToBytes(accountId), namespace, data);
      return buildStore({ accountId, namespace, data, timestamp, ttl });
    },
    read(body) {
      return { hash: expected, copies: copiesOf(replyOf('store', body), expected, members) };
    },
    isEnough: ({ copies }) => isKept(copies, members),
  };
}

/** How many members have signed that they keep a message. @throws WireError if the node stored something else, or nothing. */
export function copiesOf(reply: ReplyOf<'store'>, expected: string, members: readonly SwarmNode[]): number {
  if (reply.hash !== expected) throw new WireError('rpc', 'the answer names another hash');
  return members.filter(({ key }) => hasSigned(key, reply.members.get(key), expected)).length;
}

/** Is a message with so many copies safe, as far as one can know? */
export function isKept(copies: number, members: readonly SwarmNode[]): boolean {
  return copies >= Math.min(LEAST_COPIES, members.length);
}

/** Has this member signed that it keeps the message (storage-rpc §8.1)? */
function hasSigned(key: string, member: StoreMember | MemberFailure | undefined, hash: string): boolean {
  return member?.failed === false && member.hash === hash && verifyMember(key, storeMemberBytes(hash), member);
}

/** What to read of one's own mailbox, and from where on in each namespace: a hash, or empty for the beginning. */
export interface MailboxRead {
  readonly account: Account;
  readonly lastHashes: ReadonlyMap<number, string>;
  /** How long the node may hold its answer while it has nothing, ms; 0 for not at all (waiting §1). */
  readonly wait: number;
}

/** What a node had. */
export interface MailboxAnswer {
  /** What the node can do beyond others; `null` if it was not asked, since it was asked to wait. */
  readonly features: readonly string[] | null;
  readonly namespaces: ReadonlyMap<number, Retrieved>;
}

/** What a node had in one namespace. */
export interface Retrieved {
  readonly messages: readonly StoredMessage[];
  /** The last one in the node's own order: where to go on next time. */
  readonly last: { readonly hash: string; readonly expiresAt: number } | null;
  readonly more: boolean;
}

/** Reads namespaces of one's own mailbox in one request, each signed (storage-rpc §8.2, onion-requests §5.3). */
export function retrieveCall({ account, lastHashes, wait }: MailboxRead): SwarmCall<MailboxAnswer> {
  const signer = accountSigner(account.accountId, account.ed25519);
  const namespaces = [...lastHashes.keys()];
  const sizes = maxSizes(namespaces);
  const retrieve = (namespace: number, timestamp: number) => {
    const lastHash = lastHashes.get(namespace) || null;
    return buildRetrieve(signer, { namespace, lastHash, maxSize: sizes.get(namespace)!, wait, timestamp });
  };
  const others = wait > 0 ? [] : [buildInfo()];
  return {
    build: (timestamp) =>
      batchOf('batch', [...namespaces.map((namespace) => retrieve(namespace, timestamp)), ...others]),
    read: (body) => readMailbox(body, accountIdToBytes(account.accountId), namespaces, others.length > 0),
  };
}

function readMailbox(
  body: unknown,
  account: Uint8Array,
  namespaces: readonly number[],
  hasInfo: boolean,
): MailboxAnswer {
  const count = namespaces.length + (hasInfo ? 1 : 0);
  const results = parseBatchReply(body, count).map(({ body: result }) => result);
  if (results.length < count) throw new WireError('rpc', 'the answer lacks results');
  return {
    features: hasInfo ? replyOf('info', results.at(-1)).features : null,
    namespaces: new Map(
      namespaces.map((namespace, index) => [namespace, readRetrieved(results[index], account, namespace)]),
    ),
  };
}

function readRetrieved(body: unknown, account: Uint8Array, namespace: number): Retrieved {
  const { messages: stored, more } = replyOf('retrieve', body);
  if (stored.length > MOST_MESSAGES) throw new WireError('rpc', 'the answer has too many messages');
  const messages = stored.map(({ hash, data, timestamp, expiration }): StoredMessage => {
    // A true hash on false data would make us take the true message for one we have seen.
    if (messageHash(account, namespace, data) !== hash) {
      throw new WireError('rpc', 'a message is not what its hash says');
    }
    return { hash, data, timestamp, expiresAt: expiration };
  });
  const last = messages.at(-1);
  return { messages, last: last ? { hash: last.hash, expiresAt: last.expiresAt } : null, more };
}

/** The reply in the body of an answer with status 200. @throws WireError if the node talks nonsense. */
function replyOf<Method extends 'store' | 'retrieve' | 'info'>(method: Method, body: unknown): ReplyOf<Method> {
  const answer = parseAnswer(method, { code: 200, body });
  if (answer.kind !== 'done') throw new WireError('rpc', 'the answer is malformed');
  return answer.reply;
}
