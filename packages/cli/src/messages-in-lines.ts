import type { Engine, Message } from '@sotto/client';
import { printable } from './output.ts';

/** What a notice says where a message has its text. */
const NOTICES: Readonly<Record<Exclude<Message['kind'], 'message' | 'community-invitation'>, string>> = {
  'missed-call': 'missed call',
  'timer-changed': 'changed how messages disappear',
  'screenshot-taken': 'took a screenshot',
  'media-saved': 'saved a file',
  'request-accepted': 'accepted the request',
};

/** A message as one line of JSON: what programs need, under the names that the engine uses. */
export function messageInJson(message: Message): Readonly<Record<string, unknown>> {
  const { id, conversationId, kind, direction, author, sentAt, body, quote, attachments } = message;
  return {
    id,
    conversationId,
    kind,
    direction,
    author,
    sentAt,
    body,
    quote: quote && { author: quote.author, sentAt: quote.sentAt, messageId: quote.messageId },
    attachments: attachments.map(({ id, fileName, contentType, size, state }) => ({
      id,
      fileName,
      contentType,
      size,
      state,
    })),
  };
}

/** A message for people: who, what, and its files with their ids. Lines after the first are indented. */
export function messageInLines(engine: Engine, message: Message): string {
  const { author, conversationId, direction } = message;
  const name = direction === 'out' ? 'You' : (engine.conversation(conversationId)?.name ?? author);
  const answered = message.quote?.body ? `> ${message.quote.body}\n` : '';
  const files = message.attachments.map(
    ({ id, fileName, size }) => `[file ${id}: ${fileName ?? 'no name'}, ${size} bytes]`,
  );
  const text = [answered + whatItSays(message), ...files].filter((line) => line !== '').join('\n');
  return `${printable(name)}: ${indented(text)}`;
}

function whatItSays({ kind, body, deleted, invitation }: Message): string {
  if (deleted) return '(deleted)';
  if (kind === 'community-invitation') return `(invites to ${invitation?.name}: ${invitation?.url})`;
  return kind === 'message' ? body : `(${NOTICES[kind]})`;
}

/** So that no line of a message looks as if somebody else had written it. */
function indented(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n  ');
}
