import type { MessageReference } from '@sotto/wire/content';
import { currentSentAt } from '../../store/message-record.ts';
import type { Received } from '../received.ts';
import { eraseMessage, removeMessage } from '../removal.ts';

/** Its author deletes a message for everyone; it may come later (messages §5.9). */
export function takeUnsend(target: MessageReference, { store, touched, ownId, now }: Received): void {
  store.tombstones.addUnsent(target, now);
  const message = store.messages.find(store.versions.first(target));
  // An earlier version was replaced already.
  if (!message || message.deleted || currentSentAt(message) !== target.sentAt) return;
  const isLine = message.kind !== 'message' && message.kind !== 'community-invitation';
  if (message.conversationId === ownId || isLine) {
    if (message.hash !== null) store.chores.addDeletion(message.hash, null);
    touched.work();
    removeMessage(message, store, touched);
  } else eraseMessage(message, store, touched, now);
}
