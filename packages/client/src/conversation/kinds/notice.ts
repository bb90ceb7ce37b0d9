import type { Disappearing, MessageKind } from '../../engine.ts';
import type { MessageDetails } from '../../store/message-record.ts';
import { PLAIN_MESSAGE } from '../../store/message-table.ts';
import { isRead } from '../reading.ts';
import type { Received } from '../received.ts';

/** A line about something that happened. */
interface Notice {
  readonly conversationId: string;
  readonly kind: MessageKind;
  readonly details?: MessageDetails;
  readonly unread?: boolean;
  readonly disappearing?: Disappearing | null;
  readonly expiresAt?: number | null;
}

/** Shows a line for what was received, unless it is there or was removed. @returns its id, or `null`. */
export function insertNotice(
  notice: Notice,
  { store, touched, sender, sentAt, hash, ownId, now }: Received,
): number | null {
  const key = { author: sender, sentAt };
  const { conversationId, unread = false, expiresAt = null } = notice;
  const isRemoved = sentAt <= store.tombstones.clearedUntil(conversationId) || store.tombstones.isGone(key);
  const isOver = expiresAt !== null && expiresAt <= now;
  if (isRemoved || isOver || store.tombstones.isUnsent(key) || store.messages.find(key)) return null;
  const placedAt = Math.min(sentAt, now);
  const state = store.conversations.state(conversationId);
  const id = store.messages.insert({
    ...PLAIN_MESSAGE,
    ...notice,
    author: sender,
    outgoing: sender === ownId,
    sentAt,
    placedAt,
    body: '',
    hash,
    unread: unread && !(state && isRead(placedAt, null, state)),
  });
  if (expiresAt !== null) touched.work();
  touched.newMessage(id);
  touched.conversation(conversationId);
  return id;
}
