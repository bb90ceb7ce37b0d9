import { utf8ToBytes } from '../../bytes/index.ts';
import { readAccount } from '../account-field.ts';
import { type AuthFields, authKinds, readAuth } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
import { RpcFailure } from '../failure.ts';
import { defineFields, missing } from '../fields.ts';
import { namespaceOrAll, timestamp } from '../kinds.ts';
import {
  type HashesByNamespace,
  readHashesByNamespace,
  readSuccess,
  readSwarmAnswer,
  type SwarmAnswer,
  sortedHashes,
} from '../member.ts';
import { namespaceText } from '../namespace.ts';
import { authParameters } from '../parameters.ts';
import type { DeleteBeforeRequest, NamespaceOrAll } from '../request.ts';
import { isPast } from '../time.ts';
import { DELETE, isAuthentic, signatureFailure } from '../verify.ts';
import type { DeleteAllMember } from './delete-all.ts';

interface DeleteBeforeFields extends AuthFields {
  readonly before: number;
  readonly namespace: NamespaceOrAll;
}

/** Deletes messages that are not newer than a time (storage-rpc §8.5). */
export const deleteBefore: Endpoint<DeleteBeforeRequest, DeleteBeforeFields, SwarmAnswer<DeleteAllMember>> = {
  methods: ['delete_before'],
  fields: defineFields<DeleteBeforeFields>({ ...authKinds, before: timestamp, namespace: namespaceOrAll }),

  parse(given) {
    const { account, accountId } = readAccount(given.pubkey);
    const auth = readAuth(given, account);
    const before = given.before ?? missing('before');
    return { method: 'delete_before', accountId, account, auth, namespace: given.namespace ?? 0, before };
  },

  signedBytes: deleteBeforeSignedBytes,

  check(request, context) {
    if (!isPast(request.before, context)) return new RpcFailure(401, 'delete_before timestamp too far in the future');
    const authentic = isAuthentic(request, deleteBeforeSignedBytes(request), context, { flags: DELETE });
    return authentic ? null : signatureFailure('delete_before');
  },

  parameters(request) {
    return { before: request.before, namespace: request.namespace, ...authParameters(request) };
  },

  readReply: (body) =>
    readSwarmAnswer(body, (result) => ({ ...readSuccess(result), deleted: readHashesByNamespace(result, 'deleted') })),
};

/** What the signature of a delete_before covers (storage-rpc §4.2). */
export function deleteBeforeSignedBytes(request: Pick<DeleteBeforeRequest, 'namespace' | 'before'>): Uint8Array {
  return utf8ToBytes(`delete_before${namespaceText(request.namespace)}${request.before}`);
}

/** What a member signs of the hashes that it deleted, all of them in one ascending order (storage-rpc §8.5). */
export function deleteBeforeMemberBytes(
  request: Pick<DeleteBeforeRequest, 'accountId' | 'before'>,
  deleted: HashesByNamespace,
): Uint8Array {
  return utf8ToBytes(`${request.accountId}${request.before}${sortedHashes(deleted).join('')}`);
}
