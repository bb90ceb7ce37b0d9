import { asText } from './account-field.ts';
import { invalidRequest } from './failure.ts';
import { missing } from './fields.ts';
import type { Text } from './kinds.ts';
import { isMessageHash } from './message-hash.ts';

/** Reads `messages`, at least one text of any form. @throws RpcFailure 400. */
export function readMessages(values: readonly Text[] | undefined): string[] {
  if (values === undefined) missing('messages');
  if (values.length === 0) throw invalidRequest('messages does not contain any message hashes');
  return values.map(asText);
}

/** Reads `messages`, at least one message hash. @throws RpcFailure 400. */
export function readMessageHashes(values: readonly Text[] | undefined): string[] {
  const messages = readMessages(values);
  for (const message of messages) if (!isMessageHash(message)) throw invalidRequest(`invalid message hash: ${message}`);
  return messages;
}
