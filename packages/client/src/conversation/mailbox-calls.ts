import { WireError } from '@sotto/wire';
import { type Account, accountIdToBytes } from '@sotto/wire/account';
import { maxSizes } from '@sotto/wire/polling';
import {
  accountSigner,
  buildRetrieve,
  buildStore,
  type MemberFailure,
  messageHash,
  parseAnswer,
  type ReplyOf,
  type StoreMember,
  storeMemberBytes,
  verifyMember,
} from '@sotto/wire/rpc';
import type { SwarmCall, SwarmNode } from '../network/swarm-access.ts';
import type { StoredMessage } from './inbox.ts';

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
      const reply = replyOf('store', body);
      // A node that names another hash has stored something else, or nothing.
      if (reply.hash !== expected) throw new WireError('rpc', 'the answer names another hash');
      const copies = members.filter(({ key }) => hasSigned(key, reply.members.get(key), expected)).length;
      return { hash: expected, copies };
    },
    isEnough: ({ copies }) => copies >= Math.min(LEAST_COPIES, members.length),
  };
}

/** Has this member signed that it keeps the message (storage-rpc §8.1)? */
function hasSigned(key: string, member: StoreMember | MemberFailure | undefined, hash: string): boolean {
  return member?.failed === false && member.hash === hash && verifyMember(key, storeMemberBytes(hash), member);
}

/** What to read, from where on. */
export interface MailboxRead {
  readonly account: Account;
  readonly namespace: number;
  /** Empty for the beginning. */
  readonly lastHash: string;
}

/** What a node had. */
export interface Retrieved {
  readonly messages: readonly StoredMessage[];
  /** The last one in the node's own order: where to go on next time. */
  readonly last: { readonly hash: string; readonly expiresAt: number } | null;
  readonly more: boolean;
}

/** Reads one's own mailbox, signed (storage-rpc §8.2). */
export function retrieveCall({ account, namespace, lastHash }: MailboxRead): SwarmCall<Retrieved> {
  const signer = accountSigner(account.accountId, account.ed25519);
  const maxSize = maxSizes([namespace]).get(namespace) ?? -1;
  return {
    build: (timestamp) => buildRetrieve(signer, { namespace, lastHash: lastHash || null, maxSize, timestamp }),
    read: (body) => readRetrieved(body, accountIdToBytes(account.accountId), namespace),
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
function replyOf<Method extends 'store' | 'retrieve'>(method: Method, body: unknown): ReplyOf<Method> {
  const answer = parseAnswer(method, { code: 200, body });
  if (answer.kind !== 'done') throw new WireError('rpc', 'the answer is malformed');
  return answer.reply;
}
