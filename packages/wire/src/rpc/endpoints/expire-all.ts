import { utf8ToBytes } from '../../bytes/index.ts';
import { readAccount } from '../account-field.ts';
import { type AuthFields, authKinds, readAuth } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
import { RpcFailure } from '../failure.ts';
import { defineFields, missing } from '../fields.ts';
import { namespaceOrAll, timestamp } from '../kinds.ts';
import {
  type HashesByNamespace,
  type MemberSuccess,
  readHashesByNamespace,
  readSuccess,
  readSwarmAnswer,
  type SwarmAnswer,
  sortedHashes,
} from '../member.ts';
import { namespaceText } from '../namespace.ts';
import { authParameters } from '../parameters.ts';
import type { ExpireAllRequest, NamespaceOrAll } from '../request.ts';
import { isAhead } from '../time.ts';
import { DELETE, isAuthentic, signatureFailure } from '../verify.ts';

interface ExpireAllFields extends AuthFields {
  readonly expiry: number;
  readonly namespace: NamespaceOrAll;
}

/** The hashes that a member of the swarm changed. */
export interface ExpireAllMember extends MemberSuccess {
  readonly updated: HashesByNamespace;
}

/** Makes messages that would live longer expire at a time (storage-rpc §8.6). */
export const expireAll: Endpoint<ExpireAllRequest, ExpireAllFields, SwarmAnswer<ExpireAllMember>> = {
  methods: ['expire_all'],
  fields: defineFields<ExpireAllFields>({ ...authKinds, expiry: timestamp, namespace: namespaceOrAll }),

  parse(given) {
    const { account, accountId } = readAccount(given.pubkey);
    const auth = readAuth(given, account);
    const expiry = given.expiry ?? missing('expiry');
    return { method: 'expire_all', accountId, account, auth, namespace: given.namespace ?? 0, expiry };
  },

  signedBytes: expireAllSignedBytes,

  check(request, context) {
    if (!isAhead(request.expiry, context, true)) {
      return new RpcFailure(406, 'expire_all timestamp should be >= current time');
    }
    const authentic = isAuthentic(request, expireAllSignedBytes(request), context, { flags: DELETE });
    return authentic ? null : signatureFailure('expire_all');
  },

  parameters(request) {
    return { expiry: request.expiry, namespace: request.namespace, ...authParameters(request) };
  },

  readReply: (body) =>
    readSwarmAnswer(body, (result) => ({ ...readSuccess(result), updated: readHashesByNamespace(result, 'updated') })),
};

/** What the signature of an expire_all covers (storage-rpc §4.2). */
export function expireAllSignedBytes(request: Pick<ExpireAllRequest, 'namespace' | 'expiry'>): Uint8Array {
  return utf8ToBytes(`expire_all${namespaceText(request.namespace)}${request.expiry}`);
}

/** What a member signs of the hashes that it changed, all of them in one ascending order (storage-rpc §8.6). */
export function expireAllMemberBytes(
  request: Pick<ExpireAllRequest, 'accountId' | 'expiry'>,
  updated: HashesByNamespace,
): Uint8Array {
  return utf8ToBytes(`${request.accountId}${request.expiry}${sortedHashes(updated).join('')}`);
}
