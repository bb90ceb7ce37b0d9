import type { DataMessage } from '@sotto/wire/content';
import type { Change, Message } from '../engine.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { applyProfileName } from './profile-name.ts';
import type { Received } from './received.ts';

const MAXIMUM_ATTACHMENTS = 32;
/** Longer texts are cut, in code points (messages §5.2). */
const MAXIMUM_RECEIVED_BODY = 10_000;
const TIMER_UPDATE = 2;
const ACCOUNT_ID = /^05[0-9a-f]{64}$/;

/** Texts, from others and from our own devices (messages §7 step 11). */
export function handleDataMessage(received: Received, store: ProfileStore): readonly Change[] {
  const data = received.content.dataMessage!;
  if (!isWellFormed(data) || data.groupUpdateMessage) return [];
  const conversationId = conversationOf(data, received);
  if (conversationId === null) return [];
  const isText = data.flags === 0 && !data.reaction && data.body.trim() !== '';
  return isText ? takeText(data, conversationId, received, store) : takeProfile(data, received, store);
}

function takeText(
  data: DataMessage,
  conversationId: string,
  received: Received,
  store: ProfileStore,
): readonly Change[] {
  const { sender, sentAt, ownId, now } = received;
  const isOwn = sender === ownId;
  const known = store.messages.find(sender, sentAt);
  if (known) {
    // Two devices may have written at the same ms: only the same text is the same message.
    const isSame = known.conversationId === conversationId && known.body === cut(data.body);
    return isOwn && isSame ? confirmStored(known, store) : [];
  }
  store.conversations.ensure(conversationId, Math.min(sentAt, now));
  if (isOwn) {
    store.conversations.approve(conversationId);
    store.messages.markRead(conversationId, sentAt);
  } else {
    store.conversations.approveUs(sender);
    applyProfileName(sender, data.profile, store);
  }
  const message = store.messages.insert({
    conversationId,
    author: sender,
    sentAt,
    notAfter: now,
    body: cut(data.body),
    delivery: isOwn ? 'stored' : null,
    unread: !isOwn,
  });
  store.conversations.touch(conversationId, message.sentAt);
  return [
    { kind: 'message', message },
    { kind: 'conversation', conversationId },
  ];
}

/** A message that shows nothing may still bring a name. */
function takeProfile(data: DataMessage, { sender, ownId }: Received, store: ProfileStore): readonly Change[] {
  if (sender === ownId || !applyProfileName(sender, data.profile, store)) return [];
  return [{ kind: 'conversation', conversationId: sender }];
}

/** The copy of a message whose answer got lost proves that it was stored. */
function confirmStored(known: Message, store: ProfileStore): readonly Change[] {
  if (known.delivery === 'stored') return [];
  const id = Number(known.id);
  store.outbox.removeMessage(id);
  return [{ kind: 'message', message: store.messages.setDelivery(id, 'stored') }];
}

/** The flags and attachment rules of messages §3. */
function isWellFormed({ flags, attachments }: DataMessage): boolean {
  return (flags === 0 || (flags & TIMER_UPDATE) !== 0) && attachments.length <= MAXIMUM_ATTACHMENTS;
}

/** Whose conversation it belongs to; `null` for a copy that only we ourselves may send (messages §4.3). */
function conversationOf({ syncTarget }: DataMessage, { sender, ownId }: Received): string | null {
  if (syncTarget === '') return sender;
  return sender === ownId && ACCOUNT_ID.test(syncTarget) ? syncTarget : null;
}

function cut(body: string): string {
  if (body.length <= MAXIMUM_RECEIVED_BODY) return body;
  return Array.from(body).slice(0, MAXIMUM_RECEIVED_BODY).join('');
}
