import type { VisibleMessage } from '@sotto/wire/content';
import type { AttachmentRecord } from '../../store/attachment-table.ts';
import type { ConversationState } from '../../store/conversation-state.ts';
import { currentSentAt, type MessageKey, type MessageRecord } from '../../store/message-record.ts';
import { PLAIN_MESSAGE } from '../../store/message-table.ts';
import { approve, approvedBy, asked } from '../approval.ts';
import { disappearingOf, expiresAtOf } from '../lifetimes.ts';
import { attachmentsOf, contentOf } from '../message-content.ts';
import { applyProfile } from '../profile.ts';
import { isRead, lateAtOf, markReadByWriting } from '../reading.ts';
import type { Received } from '../received.ts';
import { eraseMessage, touchAnswers } from '../removal.ts';

/** Something to show, from others and from our own devices (messages §7 step 11). */
export function takeVisible(content: VisibleMessage, received: Received): void {
  const { store, touched, sender, sentAt, ownId, hash, now } = received;
  const { conversation: conversationId } = content;
  const key: MessageKey = { author: sender, sentAt: content.replaces ?? sentAt };
  // Who edits what was deleted does not bring it back.
  if (key.sentAt <= store.tombstones.clearedUntil(conversationId) || store.tombstones.isGone(key)) return;
  const isTakenBack = store.tombstones.isUnsent({ author: sender, sentAt });
  if (isTakenBack && conversationId === ownId) return;
  const known = store.messages.find(key);
  if (known && (known.conversationId !== conversationId || known.kind !== 'message')) return;
  if (content.replaces !== null) store.versions.add({ author: sender, sentAt }, content.replaces, received.now);
  if (known) takeVersion(known, content, received);
  else insert(key, content, received);
  const message = isTakenBack ? store.messages.find(key) : null;
  if (!message || currentSentAt(message) !== sentAt) return;
  store.messages.setHash(message.id, hash);
  eraseMessage({ ...message, hash }, store, touched, now);
}

function insert(key: MessageKey, content: VisibleMessage, received: Received): void {
  const { store, touched, sender, sentAt, storedAt, hash, ownId, now, expiresAt: reported } = received;
  const { conversation: conversationId } = content;
  const isOwn = sender === ownId;
  const placedAt = Math.min(key.sentAt, now);
  const known = isOwn ? store.conversations.state(conversationId) : received.senderState;
  // A new version of something old was stored late without being new.
  const lateAt = isOwn || content.replaces !== null ? null : lateAtOf(placedAt, storedAt, now);
  const wasRead = isOwn || (known !== null && isRead(placedAt, lateAt, known));
  const disappearing = disappearingOf(content.expiry);
  const expiresAt = disappearing && expiresAtOf({ disappearing, sentAt, reported, now, isOwn, isRead: wasRead });
  if (expiresAt !== null && expiresAt <= now) return;
  const state = known ?? store.conversations.ensure(conversationId, placedAt);
  const id = store.messages.insert({
    ...PLAIN_MESSAGE,
    ...contentOf(content, received),
    kind: content.invitation ? 'community-invitation' : 'message',
    conversationId,
    author: sender,
    outgoing: isOwn,
    sentAt: key.sentAt,
    versionAt: content.replaces === null ? null : sentAt,
    placedAt,
    lateAt,
    delivery: isOwn ? 'stored' : null,
    unread: !wasRead,
    hash,
    disappearing,
    expiresAt,
  });
  if (hasFiles(content)) addAttachments(id, content, [], received);
  touchAnswers({ author: sender, sentAt: key.sentAt }, store, touched);
  touched.newMessage(id);
  touched.conversation(conversationId);
  if (expiresAt !== null) {
    touched.work();
    if (!isOwn && disappearing?.mode === 'after-read') store.chores.addShortening(hash, expiresAt, id);
  }
  if (isOwn) takeOwn(id, state, content, received);
  else takeFromOther(state, content, received);
  store.conversations.touch(conversationId, placedAt);
}

function hasFiles({ attachments, preview }: VisibleMessage): boolean {
  return attachments.length > 0 || preview?.image !== undefined;
}

function addAttachments(
  id: number,
  content: VisibleMessage,
  before: readonly AttachmentRecord[],
  { store, touched, sender, ownId }: Received,
): void {
  const state = store.conversations.state(content.conversation);
  const isTrusted = sender === ownId || (state?.approved === true && state.autoDownload);
  const attachments = attachmentsOf(content, before, isTrusted);
  if (before.length > 0) store.attachments.replace(id, attachments);
  else store.attachments.add(id, attachments);
  if (attachments.some(({ isWanted }) => isWanted)) touched.work();
}

/** One of our other devices wrote it: so we approve of whom it wrote to, and have read what came before. */
function takeOwn(id: number, state: ConversationState, content: VisibleMessage, received: Received): void {
  const { store, touched, sentAt, storedAt, now } = received;
  const { conversation: conversationId } = content;
  const placedAt = Math.min(content.replaces ?? sentAt, now);
  store.conversations.update(conversationId, { approved: true, ...listed(state, storedAt) });
  asked(conversationId, state, placedAt, received);
  const answeredAt = state.askedAt === null ? store.earlyAnswers.take(conversationId) : null;
  if (answeredAt !== null) {
    approvedBy(conversationId, store.conversations.state(conversationId)!, answeredAt, received);
  }
  markReadByWriting(conversationId, placedAt, now, store, touched);
  if (store.earlyReceipts.take(conversationId, sentAt)) store.messages.setWasRead(id);
}

/** Writing to us, they approve of us; with a token of a link that we handed out, we do so of them (messages §5.11). */
function takeFromOther(state: ConversationState, content: VisibleMessage, received: Received): void {
  const { store, touched, typing, sender, sentAt, storedAt, now } = received;
  const change = listed(state, storedAt);
  if (Object.keys(change).length > 0) store.conversations.update(sender, change);
  approvedBy(sender, state, Math.min(content.replaces ?? sentAt, now) - 1, received);
  if (!state.approved && content.contactToken && isGoodToken(content.contactToken, received)) {
    approve(sender, received, 'link');
  }
  applyProfile(content.profile, state, received);
  if (typing.set(sender, sentAt, false)) touched.conversation(sender);
}

/** Of a link of ours, not expired, and nobody has come with it before. */
function isGoodToken(token: Uint8Array, { store, tokenExpiry, now }: Received): boolean {
  const expiresAt = tokenExpiry(token);
  return expiresAt !== null && expiresAt > now && store.contactTokens.use(token, expiresAt);
}

/** Something new brings a conversation back into the list. */
function listed({ priority, archived, archivedAt }: ConversationState, storedAt: number): Partial<ConversationState> {
  const isBack = archived && storedAt > archivedAt;
  return { ...(priority < 0 ? { priority: 0 } : {}), ...(isBack ? { archived: false } : {}) };
}

/** A version of a message that is here: the same, a newer one, or one that was replaced. */
function takeVersion(known: MessageRecord, content: VisibleMessage, received: Received): void {
  const { store, touched, sender, sentAt, ownId, hash } = received;
  const shown = currentSentAt(known)!;
  const isSame = shown === sentAt && known.body === content.body;
  if (isSame && sender === ownId) confirmStored(known, received);
  if (shown > sentAt) {
    store.chores.addDeletion(hash, null);
    touched.work();
  }
  if (shown >= sentAt) return;
  if (known.hash !== null) {
    store.chores.addDeletion(known.hash, null);
    touched.work();
  }
  const before = store.attachments.of(known.id);
  store.messages.setContent(known.id, contentOf(content, received), sentAt, false);
  store.messages.setHash(known.id, hash);
  addAttachments(known.id, content, before, received);
  if (sender === ownId) {
    store.outbox.removeMessage(known.id);
    store.messages.setDelivery(known.id, 'stored');
  }
  touchAnswers(known, store, touched);
  touched.message(known.id);
  touched.conversation(known.conversationId);
}

/** The copy of a message whose answer got lost proves that it was stored. */
function confirmStored({ id, delivery, disappearing, expiresAt }: MessageRecord, received: Received): void {
  const { store, touched, hash, sentAt, now } = received;
  store.messages.setHash(id, hash);
  if (delivery === 'stored') return;
  store.outbox.removeMessage(id);
  store.messages.setDelivery(id, 'stored');
  if (disappearing && expiresAt === null) {
    store.messages.setExpiresAt(id, Math.min(sentAt, now) + disappearing.seconds * 1000);
    touched.work();
  }
  touched.message(id);
}
