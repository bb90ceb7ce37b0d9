import { utf8ToBytes } from '../../bytes/index.ts';
import { readAccount } from '../account-field.ts';
import { type AuthFields, authKinds, readAuth } from '../auth-fields.ts';
import type { Endpoint } from '../endpoint.ts';
import { defineFields, missing } from '../fields.ts';
import { type Text, texts, timestamp } from '../kinds.ts';
import { readMessages } from '../messages-field.ts';
import { authParameters } from '../parameters.ts';
import { readExpiries, readObject } from '../reply-reader.ts';
import type { GetExpiriesRequest } from '../request.ts';
import { clockFailure, isNear } from '../time.ts';
import { isAuthentic, READ, signatureFailure } from '../verify.ts';

interface GetExpiriesFields extends AuthFields {
  readonly messages: readonly Text[];
  readonly timestamp: number;
}

/** Asks when messages expire, of any namespace (storage-rpc §8.10). */
export const getExpiries: Endpoint<GetExpiriesRequest, GetExpiriesFields, ReadonlyMap<string, number>> = {
  methods: ['get_expiries'],
  fields: defineFields<GetExpiriesFields>({ ...authKinds, messages: texts, timestamp }),

  parse(given) {
    const { account, accountId } = readAccount(given.pubkey);
    const auth = readAuth(given, account);
    const messages = readMessages(given.messages);
    const time = given.timestamp ?? missing('timestamp');
    return { method: 'get_expiries', accountId, account, auth, messages, timestamp: time };
  },

  signedBytes: getExpiriesSignedBytes,

  check(request, context) {
    if (!isNear(request.timestamp, context, false)) return clockFailure('get_expiries');
    const authentic = isAuthentic(request, getExpiriesSignedBytes(request), context, { flags: READ });
    return authentic ? null : signatureFailure('get_expiries');
  },

  parameters(request) {
    return { messages: request.messages, ...authParameters(request), timestamp: request.timestamp };
  },

  readReply: (body) => readExpiries(readObject(body, 'answer'), 'expiries'),
};

/** What the signature of a get_expiries covers (storage-rpc §4.2). */
export function getExpiriesSignedBytes(request: Pick<GetExpiriesRequest, 'timestamp' | 'messages'>): Uint8Array {
  return utf8ToBytes(`get_expiries${request.timestamp}${request.messages.join('')}`);
}
