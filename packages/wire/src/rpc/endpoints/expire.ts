import { utf8ToBytes } from '../../bytes/index.ts';
import { tokenFlags } from '../../subaccount/index.ts';
import { readAccount } from '../account-field.ts';
import { type AuthFields, authKinds, readAuth } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
import { invalidRequest, RpcFailure } from '../failure.ts';
import { defineFields, missing } from '../fields.ts';
import { bool, type Text, texts, timestamps } from '../kinds.ts';
import { type MemberSuccess, readSuccess, readSwarmAnswer, type SwarmAnswer } from '../member.ts';
import { readMessageHashes } from '../messages-field.ts';
import { authParameters } from '../parameters.ts';
import { asInteger, readExpiries, readHashes } from '../reply-reader.ts';
import type { ExpireRequest } from '../request.ts';
import { isAhead } from '../time.ts';
import { DELETE, isAuthentic, WRITE } from '../verify.ts';
import { MAXIMUM_TTL } from './store.ts';

interface ExpireFields extends AuthFields {
  readonly expiry: readonly number[];
  readonly extend: boolean;
  readonly messages: readonly Text[];
  readonly shorten: boolean;
}

/** What a member did with an expire. Hashes are in ascending order. */
export interface ExpireOutcome {
  /** The clamped value if one was requested; else those of `updated`, in its order. */
  readonly expiry: number | readonly number[];
  readonly updated: readonly string[];
  /** Current expiries of what was asked for but not changed; only with extend or shorten. */
  readonly unchanged?: ReadonlyMap<string, number> | undefined;
}

export interface ExpireMember extends ExpireOutcome, MemberSuccess {}

/** Changes when messages expire (storage-rpc §8.7). */
export const expire: Endpoint<ExpireRequest, ExpireFields, SwarmAnswer<ExpireMember>> = {
  methods: ['expire'],
  fields: defineFields<ExpireFields>({
    ...authKinds,
    expiry: timestamps,
    extend: bool,
    messages: texts,
    shorten: bool,
  }),

  parse(given) {
    const { account, accountId } = readAccount(given.pubkey);
    const auth = readAuth(given, account);
    const expiries = given.expiry ?? missing('expiry');
    if (expiries.length === 0) throw invalidRequest("'expiry' does not contain any expiration timestamps");
    const messages = readMessageHashes(given.messages);
    if (expiries.length !== 1 && expiries.length !== messages.length) {
      throw invalidRequest("'expiry' must be a single expiry, or the same length as 'messages'");
    }
    if (given.extend && given.shorten) throw invalidRequest("cannot specify both 'shorten' and 'extend'");
    const mode = given.extend ? 'extend' : given.shorten ? 'shorten' : 'set';
    return { method: 'expire', accountId, account, auth, expiries, messages, mode };
  },

  signedBytes: expireSignedBytes,

  check(request, context) {
    for (const expiry of request.expiries) {
      if (!isAhead(expiry, context, false)) return new RpcFailure(401, 'expire: timestamp should be >= current time');
    }
    if (!isAuthentic(request, expireSignedBytes(request), context, { flags: WRITE })) {
      return new RpcFailure(401, 'expire: signature verification failed');
    }
    if (request.mode !== 'shorten' || mayShorten(request)) return null;
    const reason = 'shorten parameter cannot be used with this subaccount token (missing delete access)';
    return new RpcFailure(400, `expire: ${reason}`);
  },

  parameters(request) {
    const { expiries, messages, mode } = request;
    return {
      expiry: expiries.length === 1 ? expiries[0] : expiries,
      extend: mode === 'extend' || undefined,
      messages,
      ...authParameters(request),
      shorten: mode === 'shorten' || undefined,
    };
  },

  readReply: (body) =>
    readSwarmAnswer(body, (result) => ({
      ...readSuccess(result),
      expiry: readExpiry(result.expiry),
      updated: readHashes(result.updated, 'updated'),
      unchanged: result.unchanged === undefined ? undefined : readExpiries(result, 'unchanged'),
    })),
};

/** What the signature of an expire covers (storage-rpc §4.2). */
export function expireSignedBytes(request: Pick<ExpireRequest, 'mode' | 'expiries' | 'messages'>): Uint8Array {
  const option = request.mode === 'set' ? '' : request.mode;
  return utf8ToBytes(`expire${option}${request.expiries.join('')}${request.messages.join('')}`);
}

/**
 * Which expiries an expire may change: a subaccount without the right to delete only ever extends, also where it asks
 * for neither (storage-rpc §4.4). Signature and form of the answer go by the request's own mode.
 */
export function effectiveExpireMode(request: ExpireRequest): ExpireRequest['mode'] {
  return request.mode === 'set' && !mayShorten(request) ? 'extend' : request.mode;
}

/** An expiry as a node takes it: at most 30 days from its own clock (storage-rpc §8.7). */
export function clampExpiry(expiry: number, now: number): number {
  return Math.min(expiry, now + MAXIMUM_TTL);
}

/** What a member signs of the outcome (storage-rpc §8.7). */
export function expireMemberBytes(
  request: Pick<ExpireRequest, 'accountId' | 'messages'>,
  outcome: ExpireOutcome,
): Uint8Array {
  const { expiry, updated, unchanged } = outcome;
  const expiries = typeof expiry === 'number' ? String(expiry) : expiry.join('');
  let text = request.accountId + expiries + request.messages.join('') + updated.join('');
  if (unchanged) for (const [hash, current] of [...unchanged].sort(byHash)) text += `${hash}${current}`;
  return utf8ToBytes(text);
}

function readExpiry(value: unknown): number | number[] {
  return Array.isArray(value) ? value.map((expiry) => asInteger(expiry, 'expiry')) : asInteger(value, 'expiry');
}

function byHash([a]: [string, number], [b]: [string, number]): number {
  return a < b ? -1 : 1;
}

function mayShorten({ auth: { subaccount } }: ExpireRequest): boolean {
  return subaccount === null || (tokenFlags(subaccount.token) & DELETE) !== 0;
}
