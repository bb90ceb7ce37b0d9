import type { ConversationState } from '../store/conversation-state.ts';
import { PLAIN_MESSAGE } from '../store/message-table.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { acceptanceContent } from './compose.ts';
import { MESSAGE_TTL_MS } from './lifetimes.ts';
import type { Touched } from './touched.ts';

/** What approving needs. */
export interface ApprovalParts {
  readonly store: ProfileStore;
  readonly touched: Touched;
  readonly ownId: string;
  readonly now: number;
}

/**
 * We want to hear from somebody: we write to them, accept them, or gave them a contact link. Who had asked is told, and
 * a notice says so (messages §5.11); not if they came by our link, for then nobody asked and nobody answered. The
 * conversation must be there.
 */
export function approve(
  conversationId: string,
  { store, touched, ownId, now }: ApprovalParts,
  cause: 'choice' | 'link' = 'choice',
): void {
  const state = store.conversations.state(conversationId)!;
  if (state.approved) return;
  store.conversations.update(conversationId, { approved: true });
  touched.conversation(conversationId);
  if (!state.approvedUs || conversationId === ownId) return;
  const sentAt = store.account.nextTimestamp(ownId, now);
  store.outbox.add({
    queue: conversationId,
    recipient: conversationId,
    role: 'control',
    content: acceptanceContent(sentAt, store.account.profile()),
    sentAt,
    ttl: MESSAGE_TTL_MS,
    messageId: null,
    copy: null,
  });
  touched.work();
  if (cause === 'choice') noteAcceptance(conversationId, ownId, sentAt, { store, touched });
}

/**
 * They want to hear from us. If we had asked for that without a link of theirs, a notice says so, at a time that is before what they wrote.
 */
export function approvedBy(
  conversationId: string,
  state: ConversationState,
  placedAt: number,
  { store, touched }: Pick<ApprovalParts, 'store' | 'touched'>,
): void {
  if (!state.approvedUs) {
    store.conversations.update(conversationId, { approvedUs: true, contactToken: null });
    touched.conversation(conversationId);
    if (state.approved && state.contactToken === null) {
      noteAcceptance(conversationId, conversationId, placedAt, { store, touched });
    }
    return;
  }
  const [notice] = store.messages.notices(conversationId, 'request-accepted', conversationId);
  if (!notice || notice.placedAt <= placedAt) return;
  store.messages.place(notice.id, null, placedAt);
  touched.message(notice.id);
}

function noteAcceptance(
  conversationId: string,
  author: string,
  placedAt: number,
  { store, touched }: Pick<ApprovalParts, 'store' | 'touched'>,
): void {
  const id = store.messages.insert({
    ...PLAIN_MESSAGE,
    conversationId,
    kind: 'request-accepted',
    author,
    outgoing: author !== conversationId,
    sentAt: null,
    placedAt,
    body: '',
  });
  touched.newMessage(id);
}
