import { utf8ToBytes } from '../../bytes/index.ts';
import { readAliasedAccount } from '../account-field.ts';
import { type AuthFields, authKinds, base64OrNull, readAuth } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
import { invalidRequest, RpcFailure } from '../failure.ts';
import { defineFields, missing } from '../fields.ts';
import type { JsonObject } from '../json.ts';
import { namespace, stringifiedInteger, stringifiedUnsigned, type Text, text, timestamp } from '../kinds.ts';
import { type MemberSuccess, readSuccess, readSwarmAnswer, type SwarmAnswer } from '../member.ts';
import { isPublicInbox, namespaceRules, namespaceText, TEST_NAMESPACE } from '../namespace.ts';
import { authParameters } from '../parameters.ts';
import { readFlag, readHash, readInteger, readObject } from '../reply-reader.ts';
import type { StoreRequest } from '../request.ts';
import { clockFailure, isNear, STORE_TOLERANCE } from '../time.ts';
import { type CheckContext, DELETE, isAuthentic, signatureFailure, WRITE } from '../verify.ts';

/** The largest message that a node takes, bytes. */
export const MAXIMUM_MESSAGE_SIZE = 76_800;
/** Times to live that a node takes, ms. */
const MINIMUM_TTL = 10_000;
const MAXIMUM_PUBLIC_TTL = 1_209_600_000;
export const MAXIMUM_TTL = 2_592_000_000;

interface StoreFields extends AuthFields {
  readonly data: Text;
  readonly expiry: number;
  readonly namespace: number;
  readonly pubKey: Text;
  readonly sig_timestamp: number;
  readonly timestamp: number;
  readonly ttl: number;
}

/** What a member of the swarm holds after a store. */
export interface StoreMember extends MemberSuccess {
  readonly hash: string;
  /** It was there before. */
  readonly already: boolean;
  readonly expiry: number;
}

export interface StoreReply extends SwarmAnswer<StoreMember> {
  /** `null` if the entry node could not store. */
  readonly hash: string | null;
}

/** Stores a message in a mailbox (storage-rpc §8.1). */
export const store: Endpoint<StoreRequest, StoreFields, StoreReply> = {
  methods: ['store'],
  fields: defineFields<StoreFields>({
    ...authKinds,
    data: text,
    expiry: timestamp,
    namespace,
    pubKey: text,
    sig_timestamp: timestamp,
    timestamp: stringifiedInteger,
    ttl: stringifiedUnsigned,
  }),

  parse(given) {
    const time = given.timestamp ?? missing('timestamp');
    const expiry = readExpiry(time, given.expiry, given.ttl);
    const { account, accountId } = readAliasedAccount(given);
    const auth = given.signature === undefined ? null : readAuth(given, account);
    return {
      method: 'store',
      accountId,
      account,
      namespace: given.namespace ?? 0,
      timestamp: time,
      expiry,
      sigTimestamp: auth === null ? time : (given.sig_timestamp ?? time),
      data: readData(given.data ?? missing('data')),
      auth,
    };
  },

  signedBytes: storeSignedBytes,

  check(request, context) {
    if (request.namespace === TEST_NAMESPACE) {
      return new RpcFailure(403, `namespace ${TEST_NAMESPACE} is reserved for testing and cannot store messages`);
    }
    return checkTimes(request, context.now) ?? (isPublicInbox(request.namespace) ? null : checkAuth(request, context));
  },

  parameters(request, receiver) {
    const { auth, data, expiry, namespace, sigTimestamp, timestamp } = request;
    const sendsSigTimestamp = auth !== null && (receiver === 'member' || sigTimestamp !== timestamp);
    return {
      data,
      expiry: receiver === 'member' ? expiry : undefined,
      namespace: namespace === 0 ? undefined : namespace,
      ...authParameters(request),
      sig_timestamp: sendsSigTimestamp ? sigTimestamp : undefined,
      timestamp,
      ttl: receiver === 'node' ? expiry - timestamp : undefined,
    };
  },

  readReply(body) {
    const reply = readObject(body, 'answer');
    const hash = reply.hash === undefined ? null : readHash(reply, 'hash');
    return { hash, ...readSwarmAnswer(body, readStoreMember) };
  },
};

/** What the signature of a store covers (storage-rpc §4.2). */
export function storeSignedBytes(request: Pick<StoreRequest, 'namespace' | 'sigTimestamp'>): Uint8Array {
  return utf8ToBytes(`store${namespaceText(request.namespace)}${request.sigTimestamp}`);
}

/** What a member signs of a stored message: the characters of its hash (storage-rpc §8.1). */
export function storeMemberBytes(hash: string): Uint8Array {
  return utf8ToBytes(hash);
}

function readStoreMember(result: JsonObject): StoreMember {
  return {
    ...readSuccess(result),
    hash: readHash(result, 'hash'),
    already: readFlag(result, 'already'),
    expiry: readInteger(result, 'expiry'),
  };
}

function readExpiry(time: number, expiry: number | undefined, ttl: number | undefined): number {
  if (expiry !== undefined && ttl !== undefined) throw invalidRequest("Cannot specify both 'expiry' and 'ttl'");
  if (expiry !== undefined) return expiry;
  return ttl === undefined ? missing("expiry' or 'ttl") : time + ttl;
}

function readData(value: Text): Uint8Array {
  // Longer texts are refused before anything is decoded.
  const limit = typeof value === 'string' ? (MAXIMUM_MESSAGE_SIZE / 3) * 4 : MAXIMUM_MESSAGE_SIZE;
  if (value.length > limit) {
    throw invalidRequest(`Message body exceeds maximum allowed length of ${MAXIMUM_MESSAGE_SIZE} bytes`);
  }
  if (typeof value !== 'string') return value;
  return base64OrNull(value) ?? refuseData();
}

function refuseData(): never {
  throw invalidRequest("Invalid 'data' value: not base64 encoded");
}

function checkTimes({ namespace, timestamp, expiry }: StoreRequest, now: number): RpcFailure | null {
  const ttl = expiry - timestamp;
  if (ttl < MINIMUM_TTL || ttl > (isPublicInbox(namespace) ? MAXIMUM_PUBLIC_TTL : MAXIMUM_TTL)) {
    return new RpcFailure(403, 'Provided expiry/TTL is not valid.');
  }
  const inTime = timestamp <= now + STORE_TOLERANCE && expiry >= now - STORE_TOLERANCE;
  return inTime ? null : new RpcFailure(406, 'Timestamp error: check your clock');
}

function checkAuth(request: StoreRequest, context: CheckContext): RpcFailure | null {
  const { account, auth, namespace, sigTimestamp } = request;
  if (auth === null) return new RpcFailure(401, `store: signature required to store to namespace ${namespace}`);
  if (!isNear(sigTimestamp, context, false)) return clockFailure('store signature');
  // An outbox keeps one message only, so storing there deletes.
  const flags = namespaceRules(namespace).publicOutbox ? WRITE | DELETE : WRITE;
  return isAuthentic({ account, auth }, storeSignedBytes(request), context, { flags })
    ? null
    : signatureFailure('store');
}
