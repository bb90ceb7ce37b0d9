import { utf8ToBytes } from '../../bytes/index.ts';
import { readAccount } from '../account-field.ts';
import { type AuthFields, authKinds, readAuth } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
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
import type { DeleteAllRequest, NamespaceOrAll } from '../request.ts';
import { clockFailure, isNear } from '../time.ts';
import { DELETE, isAuthentic, signatureFailure } from '../verify.ts';

interface DeleteAllFields extends AuthFields {
  readonly namespace: NamespaceOrAll;
  readonly timestamp: number;
}

/** The hashes that a member of the swarm deleted. */
export interface DeleteAllMember extends MemberSuccess {
  readonly deleted: HashesByNamespace;
}

/** Empties one namespace or all of them (storage-rpc §8.4). */
export const deleteAll: Endpoint<DeleteAllRequest, DeleteAllFields, SwarmAnswer<DeleteAllMember>> = {
  methods: ['delete_all'],
  fields: defineFields<DeleteAllFields>({ ...authKinds, namespace: namespaceOrAll, timestamp }),

  parse(given) {
    const { account, accountId } = readAccount(given.pubkey);
    const auth = readAuth(given, account);
    const time = given.timestamp ?? missing('timestamp');
    return { method: 'delete_all', accountId, account, auth, namespace: given.namespace ?? 0, timestamp: time };
  },

  signedBytes: deleteAllSignedBytes,

  check(request, context) {
    if (!isNear(request.timestamp, context, true)) return clockFailure('delete_all');
    const authentic = isAuthentic(request, deleteAllSignedBytes(request), context, { flags: DELETE });
    return authentic ? null : signatureFailure('delete_all');
  },

  parameters(request) {
    return { namespace: request.namespace, ...authParameters(request), timestamp: request.timestamp };
  },

  readReply: (body) =>
    readSwarmAnswer(body, (result) => ({ ...readSuccess(result), deleted: readHashesByNamespace(result, 'deleted') })),
};

/** What the signature of a delete_all covers (storage-rpc §4.2). */
export function deleteAllSignedBytes(request: Pick<DeleteAllRequest, 'namespace' | 'timestamp'>): Uint8Array {
  return utf8ToBytes(`delete_all${namespaceText(request.namespace)}${request.timestamp}`);
}

/** What a member signs of the hashes that it deleted, all of them in one ascending order (storage-rpc §8.4). */
export function deleteAllMemberBytes(
  request: Pick<DeleteAllRequest, 'accountId' | 'timestamp'>,
  deleted: HashesByNamespace,
): Uint8Array {
  return utf8ToBytes(`${request.accountId}${request.timestamp}${sortedHashes(deleted).join('')}`);
}
