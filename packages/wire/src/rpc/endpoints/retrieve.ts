import { utf8ToBytes } from '../../bytes/index.ts';
import { asText, readAliasedAccount } from '../account-field.ts';
import { type AuthFields, authKinds, readAuth } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
import { invalidRequest, RpcFailure } from '../failure.ts';
import { defineFields, missing } from '../fields.ts';
import type { JsonObject } from '../json.ts';
import { bool, count, namespace, type Text, text, timestamp } from '../kinds.ts';
import { isMessageHash } from '../message-hash.ts';
import { namespaceRules, namespaceText, TEST_NAMESPACE } from '../namespace.ts';
import { authParameters } from '../parameters.ts';
import {
  readBase64,
  readFlag,
  readHash,
  readInteger,
  readList,
  readObject,
  readStamp,
  type Stamp,
} from '../reply-reader.ts';
import type { RetrieveRequest } from '../request.ts';
import { clockFailure, isNear } from '../time.ts';
import { isAuthentic, READ, signatureFailure } from '../verify.ts';

interface RetrieveFields extends AuthFields {
  readonly lastHash: Text;
  readonly last_hash: Text;
  readonly max_count: number;
  readonly max_size: number;
  readonly namespace: number;
  readonly pubKey: Text;
  readonly reverse_direction: boolean;
  readonly timestamp: number;
  readonly wait: number;
}

/** A message as a node holds it. */
export interface StoredMessage {
  readonly hash: string;
  readonly timestamp: number;
  readonly expiration: number;
  readonly data: Uint8Array;
}

export interface RetrieveReply extends Stamp {
  /** In the order in which the node stored them. */
  readonly messages: readonly StoredMessage[];
  /** There are more after the last one. */
  readonly more: boolean;
}

/**
 * The longest that a node holds the answer to a retrieve, ms: relays on the way give up after 30 s (onion-requests §2.4).
 */
export const MAXIMUM_WAIT = 25_000;

/** Reads messages of a mailbox (storage-rpc §8.2), waiting for some if asked to (waiting §1). */
export const retrieve: Endpoint<RetrieveRequest, RetrieveFields, RetrieveReply> = {
  methods: ['retrieve'],
  fields: defineFields<RetrieveFields>({
    ...authKinds,
    lastHash: text,
    last_hash: text,
    max_count: count,
    max_size: count,
    namespace,
    pubKey: text,
    reverse_direction: bool,
    timestamp,
    wait: count,
  }),

  parse(given) {
    const { account, accountId } = readAliasedAccount(given);
    const needsAuth =
      given.pubkey_ed25519 !== undefined ||
      given.signature !== undefined ||
      given.timestamp !== undefined ||
      (given.namespace !== undefined && !namespaceRules(given.namespace).noAuthRetrieve);
    const auth = needsAuth ? readAuth(given, account) : null;
    return {
      method: 'retrieve',
      accountId,
      account,
      namespace: given.namespace ?? 0,
      lastHash: readLastHash(given.last_hash, given.lastHash),
      maxCount: given.max_count ?? null,
      maxSize: given.max_size ?? null,
      reverseDirection: given.reverse_direction ?? false,
      auth,
      timestamp: auth === null ? null : (given.timestamp ?? missing('timestamp')),
      wait: Math.max(0, Math.min(given.wait ?? 0, MAXIMUM_WAIT)),
    };
  },

  signedBytes: ({ namespace, timestamp }) =>
    timestamp === null ? null : retrieveSignedBytes({ namespace, timestamp }),

  check(request, context) {
    const { account, auth, namespace, timestamp } = request;
    if (namespace === TEST_NAMESPACE) return null;
    const { noAuthRetrieve, unrevocableRetrieve } = namespaceRules(namespace);
    if (auth === null || timestamp === null) {
      return noAuthRetrieve ? null : new RpcFailure(401, 'retrieve: request signature required');
    }
    if (!isNear(timestamp, context, false)) return clockFailure('retrieve');
    const rule = { flags: READ, revokedToo: unrevocableRetrieve };
    const signed = retrieveSignedBytes({ namespace, timestamp });
    return isAuthentic({ account, auth }, signed, context, rule) ? null : signatureFailure('retrieve');
  },

  parameters(request) {
    const { lastHash, maxCount, maxSize, namespace, reverseDirection, timestamp, wait } = request;
    return {
      last_hash: lastHash ?? undefined,
      max_count: maxCount ?? undefined,
      max_size: maxSize ?? undefined,
      namespace: namespace === 0 ? undefined : namespace,
      ...authParameters(request),
      reverse_direction: reverseDirection || undefined,
      timestamp: timestamp ?? undefined,
      wait: wait || undefined,
    };
  },

  readReply(body) {
    const reply = readObject(body, 'answer');
    const messages = readList(reply, 'messages').map(readStoredMessage);
    return { messages, more: readFlag(reply, 'more'), ...readStamp(reply) };
  },
};

/** What the signature of a retrieve covers (storage-rpc §4.2). */
export function retrieveSignedBytes(request: { readonly namespace: number; readonly timestamp: number }): Uint8Array {
  return utf8ToBytes(`retrieve${namespaceText(request.namespace)}${request.timestamp}`);
}

function readStoredMessage(value: unknown): StoredMessage {
  const message = readObject(value, 'messages');
  return {
    hash: readHash(message, 'hash'),
    timestamp: readInteger(message, 'timestamp'),
    expiration: readInteger(message, 'expiration'),
    data: readData(message),
  };
}

/** The reference writes empty data as a single `=` (storage-rpc §16). */
function readData(message: JsonObject): Uint8Array {
  return message.data === '=' ? new Uint8Array() : readBase64(message, 'data');
}

function readLastHash(value: Text | undefined, other: Text | undefined): string | null {
  if (value !== undefined && other !== undefined) {
    throw invalidRequest("Cannot specify both 'last_hash' and 'lastHash'");
  }
  const hash = asText(value ?? other ?? '');
  if (hash === '') return null;
  if (hash.length !== 43) throw invalidRequest('Invalid last_hash: expected base64 (43 chars)');
  if (!isMessageHash(hash)) throw invalidRequest('Invalid last_hash: not base64');
  return hash;
}
