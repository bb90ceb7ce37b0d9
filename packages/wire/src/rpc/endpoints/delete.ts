import { utf8ToBytes } from '../../bytes/index.ts';
import { readAccount } from '../account-field.ts';
import { type AuthFields, authKinds, readAuth } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
import { defineFields } from '../fields.ts';
import { bool, type Text, texts } from '../kinds.ts';
import { type MemberSuccess, readSuccess, readSwarmAnswer, type SwarmAnswer } from '../member.ts';
import { readMessageHashes } from '../messages-field.ts';
import { authParameters } from '../parameters.ts';
import { readHashes } from '../reply-reader.ts';
import type { DeleteRequest } from '../request.ts';
import { DELETE, isAuthentic, signatureFailure } from '../verify.ts';

interface DeleteFields extends AuthFields {
  readonly messages: readonly Text[];
  readonly required: boolean;
}

/** What a member of the swarm deleted, in ascending order. */
export interface DeleteMember extends MemberSuccess {
  readonly deleted: readonly string[];
}

/** Deletes messages by hash, from any namespace (storage-rpc §8.3). */
export const deleteMessages: Endpoint<DeleteRequest, DeleteFields, SwarmAnswer<DeleteMember>> = {
  methods: ['delete'],
  fields: defineFields<DeleteFields>({ ...authKinds, messages: texts, required: bool }),

  parse(given) {
    const { account, accountId } = readAccount(given.pubkey);
    const auth = readAuth(given, account);
    const messages = readMessageHashes(given.messages);
    return { method: 'delete', accountId, account, auth, messages, required: given.required ?? false };
  },

  signedBytes: deleteSignedBytes,

  check(request, context) {
    const authentic = isAuthentic(request, deleteSignedBytes(request), context, { flags: DELETE });
    return authentic ? null : signatureFailure('delete_msgs');
  },

  parameters(request, receiver) {
    return {
      messages: request.messages,
      ...authParameters(request),
      required: receiver === 'node' && request.required ? true : undefined,
    };
  },

  readReply: (body) =>
    readSwarmAnswer(body, (result) => ({ ...readSuccess(result), deleted: readHashes(result.deleted, 'deleted') })),
};

/** What the signature of a delete covers (storage-rpc §4.2). */
export function deleteSignedBytes(request: Pick<DeleteRequest, 'messages'>): Uint8Array {
  return utf8ToBytes(`delete${request.messages.join('')}`);
}

/** What a member signs of the hashes that it deleted, given in ascending order (storage-rpc §8.3). */
export function deleteMemberBytes(
  request: Pick<DeleteRequest, 'accountId' | 'messages'>,
  deleted: readonly string[],
): Uint8Array {
  return utf8ToBytes(request.accountId + request.messages.join('') + deleted.join(''));
}
