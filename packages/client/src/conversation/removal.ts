import type { MessageRecord } from '../store/message-record.ts';
import type { MessageContent } from '../store/message-table.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Touched } from './touched.ts';

const NOTHING: MessageContent = { body: '', quote: null, details: {}, mentionsUs: false };

/**
 * Removes a message from this device. Nothing that comes later brings it back, `until` (ms) or for good. What of it
 * waits to be sent is not sent.
 */
export function removeMessage(message: MessageRecord, store: ProfileStore, touched: Touched, until?: number): void {
  const { id, author, sentAt, conversationId } = message;
  if (sentAt !== null) {
    store.tombstones.addGone({ author, sentAt }, until);
    store.reactions.removeOf({ author, sentAt });
  }
  store.outbox.removeMessage(id);
  store.messages.remove(id);
  touchAnswers(message, store, touched);
  touched.messageRemoved(conversationId, id);
  // Its files are still there.
  touched.work();
}

/**
 * Takes away what a message says and leaves that there was one: its author deleted it for everyone (messages §5.9). What
 * is left disappears as the message would have; nobody has to read it first. `now`: ms.
 */
export function eraseMessage(message: MessageRecord, store: ProfileStore, touched: Touched, now: number): void {
  const { id, conversationId, hash, disappearing, expiresAt } = message;
  if (disappearing && expiresAt === null) store.messages.setExpiresAt(id, now + disappearing.seconds * 1000);
  if (hash !== null) {
    store.chores.addDeletion(hash, id);
    store.messages.setHash(id, null);
  }
  touched.work();
  store.outbox.removeMessage(id);
  store.attachments.removeOf(id);
  store.messages.setContent(id, NOTHING, message.versionAt, true);
  store.messages.setRead(id);
  if (message.delivery !== null) store.messages.setDelivery(id, 'stored');
  touchAnswers(message, store, touched);
  touched.message(id);
  touched.conversation(conversationId);
}

/** Removes all messages of a conversation that were sent up to a time (ms), for good. */
export function clearConversation(conversationId: string, until: number, store: ProfileStore, touched: Touched): void {
  store.tombstones.clear(conversationId, until);
  store.messages.removeAll(conversationId, until);
  touched.work();
}

/** Messages that answer one show what it says. */
export function touchAnswers(
  { author, sentAt }: Pick<MessageRecord, 'author' | 'sentAt'>,
  store: ProfileStore,
  touched: Touched,
): void {
  if (sentAt === null) return;
  for (const id of store.messages.quoting({ author, sentAt })) touched.message(id);
}
