import { concatBytes, utf8ToBytes } from '../../bytes/index.ts';
import { TOKEN_SIZE } from '../../subaccount/index.ts';
import { readAccount } from '../account-field.ts';
import { type AccountAuthFields, accountAuthKinds, readAuth, readToken } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
import { invalidRequest, type RpcFailure } from '../failure.ts';
import { defineFields, type Given, missing } from '../fields.ts';
import { type Text, texts, timestamp } from '../kinds.ts';
import { type MemberSuccess, readSuccess, readSwarmAnswer, type SwarmAnswer } from '../member.ts';
import { authParameters } from '../parameters.ts';
import { readBase64, readInteger, readList, readObject, readStamp, type Stamp } from '../reply-reader.ts';
import type { RevokedSubaccountsRequest, RevokeRequest } from '../request.ts';
import { clockFailure, isNear } from '../time.ts';
import { type CheckContext, isAuthentic, signatureFailure } from '../verify.ts';

/** How many subaccounts one request may revoke, and how many a node remembers for an account. */
export const MAXIMUM_REVOCATIONS = 50;

interface TimedFields extends AccountAuthFields {
  readonly timestamp: number;
}

interface RevokeFields extends TimedFields {
  readonly revoke: readonly Text[];
}

interface UnrevokeFields extends TimedFields {
  readonly unrevoke: readonly Text[];
}

/** What a member of the swarm did with a revocation or its reversal. */
export interface RevokeMember extends MemberSuccess {
  /** How many it took back; `null` for a revocation. */
  readonly count: number | null;
}

export interface RevokedSubaccountsReply extends Stamp {
  /** Tokens of 36 bytes in no order. */
  readonly tokens: readonly Uint8Array[];
}

/** Takes rights from subaccounts (storage-rpc §8.8). */
export const revokeSubaccount: Endpoint<RevokeRequest, RevokeFields, SwarmAnswer<RevokeMember>> = {
  methods: ['revoke_subaccount'],
  fields: defineFields<RevokeFields>({ ...accountAuthKinds, revoke: texts, timestamp }),

  parse(given) {
    return readRevocation('revoke_subaccount', given, 'revoke', given.revoke);
  },
  signedBytes: revokeSignedBytes,
  check: checkRevocation,

  parameters(request) {
    return { ...authParameters(request), revoke: request.tokens, timestamp: request.timestamp };
  },
  readReply: readRevokeReply,
};

/** Gives them back (storage-rpc §8.8). */
export const unrevokeSubaccount: Endpoint<RevokeRequest, UnrevokeFields, SwarmAnswer<RevokeMember>> = {
  methods: ['unrevoke_subaccount'],
  fields: defineFields<UnrevokeFields>({ ...accountAuthKinds, timestamp, unrevoke: texts }),

  parse(given) {
    return readRevocation('unrevoke_subaccount', given, 'unrevoke', given.unrevoke);
  },
  signedBytes: revokeSignedBytes,
  check: checkRevocation,

  parameters(request) {
    return { ...authParameters(request), timestamp: request.timestamp, unrevoke: request.tokens };
  },
  readReply: readRevokeReply,
};

/** Lists what this node holds as revoked (storage-rpc §8.9). */
export const revokedSubaccounts: Endpoint<RevokedSubaccountsRequest, TimedFields, RevokedSubaccountsReply> = {
  methods: ['revoked_subaccounts'],
  fields: defineFields<TimedFields>({ ...accountAuthKinds, timestamp }),

  parse(given) {
    const { account, accountId } = readAccount(given.pubkey);
    const auth = readAuth(given, account);
    return {
      method: 'revoked_subaccounts',
      accountId,
      account,
      auth,
      timestamp: given.timestamp ?? missing('timestamp'),
    };
  },

  signedBytes: revokedSubaccountsSignedBytes,

  check(request, context) {
    if (!isNear(request.timestamp, context, false)) return clockFailure('revoked_subaccounts');
    // The account's own bytes are the key here, whatever pubkey_ed25519 says.
    const auth = { ...request.auth, ed25519Key: null };
    const authentic = isAuthentic({ ...request, auth }, revokedSubaccountsSignedBytes(request), context, null);
    return authentic ? null : signatureFailure('revoked_subaccounts');
  },

  parameters(request) {
    return { ...authParameters(request), timestamp: request.timestamp };
  },

  readReply(body) {
    const reply = readObject(body, 'answer');
    const tokens = readList(reply, 'revoked_subaccounts').map((token) => {
      return readBase64({ token }, 'token', TOKEN_SIZE);
    });
    return { tokens, ...readStamp(reply) };
  },
};

/** What the signature of a revocation or its reversal covers (storage-rpc §4.2). */
export function revokeSignedBytes(request: Pick<RevokeRequest, 'method' | 'timestamp' | 'tokens'>): Uint8Array {
  return concatBytes(utf8ToBytes(`${request.method}${request.timestamp}`), ...request.tokens);
}

/** What the signature of a revoked_subaccounts covers (storage-rpc §4.2). */
export function revokedSubaccountsSignedBytes(request: Pick<RevokedSubaccountsRequest, 'timestamp'>): Uint8Array {
  return utf8ToBytes(`revoked_subaccounts${request.timestamp}`);
}

/** What a member signs of a revocation or its reversal (storage-rpc §8.8). */
export function revokeMemberBytes(request: Pick<RevokeRequest, 'accountId' | 'timestamp' | 'tokens'>): Uint8Array {
  return concatBytes(utf8ToBytes(`${request.accountId}${request.timestamp}`), ...request.tokens);
}

function readRevokeReply(body: unknown): SwarmAnswer<RevokeMember> {
  return readSwarmAnswer(body, (result) => ({
    ...readSuccess(result),
    count: result.count === undefined ? null : readInteger(result, 'count'),
  }));
}

function readRevocation(
  method: RevokeRequest['method'],
  given: Given<TimedFields>,
  field: 'revoke' | 'unrevoke',
  values: readonly Text[] | undefined,
): RevokeRequest {
  const { account, accountId } = readAccount(given.pubkey);
  const auth = readAuth(given, account);
  const tokens = readTokens(field, values ?? missing(field));
  return { method, accountId, account, auth, tokens, timestamp: given.timestamp ?? missing('timestamp') };
}

function readTokens(field: 'revoke' | 'unrevoke', values: readonly Text[]): Uint8Array[] {
  if (field === 'revoke' && values.length > MAXIMUM_REVOCATIONS) {
    throw invalidRequest(`invalid revoke: cannot revoke more than ${MAXIMUM_REVOCATIONS} subaccounts at once`);
  }
  return values.map((value) => {
    const token = readToken(value);
    if (token !== null) return token;
    throw invalidRequest(
      typeof value === 'string'
        ? `invalid ${field}: expected base64 or hex-encoded subaccount tag`
        : `invalid ${field} subaccount: invalid subaccount tag length`,
    );
  });
}

function checkRevocation(request: RevokeRequest, context: CheckContext): RpcFailure | null {
  if (!isNear(request.timestamp, context, true)) return clockFailure(request.method);
  const authentic = isAuthentic(request, revokeSignedBytes(request), context, null);
  return authentic ? null : signatureFailure(request.method);
}
