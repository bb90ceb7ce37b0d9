import { WireError } from '@sotto/wire';
import { type Account, accountIdToBytes } from '@sotto/wire/account';
import { base64ToBytes } from '@sotto/wire/bytes';
import { maxSizes } from '@sotto/wire/polling';
import {
  accountSigner,
  buildRetrieve,
  buildStore,
  isMessageHash,
  messageHash,
  parseAnswer,
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
      // A node that names another hash has stored something else, or nothing.
      if (objectOf(body).hash !== expected) throw new WireError('rpc', 'the answer names another hash');
      return { hash: expected, copies: members.filter(({ key }) => hasSigned(body, key, expected)).length };
    },
    isEnough: ({ copies }) => copies >= Math.min(LEAST_COPIES, members.length),
  };
}

/** Has this member signed that it keeps the message (storage-rpc §8.1)? */
function hasSigned(body: unknown, key: string, hash: string): boolean {
  const answer = parseAnswer('store', { code: 200, body });
  const member = answer.kind === 'done' ? answer.reply.members.get(key) : undefined;
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
  const { messages: list, more } = objectOf(body);
  if (!Array.isArray(list) || list.length > MOST_MESSAGES) throw new WireError('rpc', 'the answer has no messages');
  const messages = list.map((item) => readMessage(item, account, namespace));
  const last = messages.at(-1);
  return { messages, last: last ? { hash: last.hash, expiresAt: last.expiresAt } : null, more: more === true };
}

function readMessage(item: unknown, account: Uint8Array, namespace: number): StoredMessage {
  const { hash, data: text, timestamp, expiration } = objectOf(item);
  if (typeof hash !== 'string' || !isMessageHash(hash) || typeof text !== 'string') throw malformed();
  const data = base64ToBytes(text);
  // A true hash on false data would make us take the true message for one we have seen.
  if (messageHash(account, namespace, data) !== hash) throw new WireError('rpc', 'a message is not what its hash says');
  return { hash, data, timestamp: time(timestamp), expiresAt: time(expiration) };
}

function time(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw malformed();
  return value as number;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed();
  return value as Record<string, unknown>;
}

function malformed(): WireError {
  return new WireError('rpc', 'the answer is malformed');
}
