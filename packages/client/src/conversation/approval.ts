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
    content: acceptanceContent(sentAt, store.account.profile(), cause === 'link'),
    sentAt,
    ttl: MESSAGE_TTL_MS,
    messageId: null,
    copy: null,
  });
  touched.work();
  if (cause === 'choice') noteAcceptance(conversationId, ownId, sentAt, { store, touched });
}

/** They want to hear from us, as they showed at a time, ms; less than zero if it was by a link, so that nobody had to answer. */
export function approvedBy(
  conversationId: string,
  state: ConversationState,
  answeredAt: number,
  { store, touched }: Told,
): void {
  if (!state.approvedUs || state.contactToken !== null) {
    store.conversations.update(conversationId, { approvedUs: true, contactToken: null });
    touched.conversation(conversationId);
  }
  if (isEarlier(answeredAt, state.answeredAt)) {
    settleNotice(conversationId, state, { answeredAt }, { store, touched });
  }
}

/** Of an answer and one by a link at the same time it is the link that counts. */
function isEarlier(answeredAt: number, known: number | null): boolean {
  if (known === null) return true;
  const [one, other] = [Math.abs(answeredAt), Math.abs(known)];
  return one < other || (one === other && answeredAt < known);
}

/** We wrote to them at a time, ms. */
export function asked(
  conversationId: string,
  state: ConversationState,
  askedAt: number,
  { store, touched }: Told,
): void {
  if (state.askedAt !== null && state.askedAt <= askedAt) return;
  settleNotice(conversationId, state, { askedAt }, { store, touched });
}

type Told = Pick<ApprovalParts, 'store' | 'touched'>;
type Exchange = Pick<ConversationState, 'askedAt' | 'answeredAt'>;

/**
 * The notice that they accepted us stands where they first answered, if we had asked before: whatever came here first.
 * Where the person removed it, or deleted the conversation, it stays away.
 */
function settleNotice(
  conversationId: string,
  before: Exchange,
  change: Partial<Exchange>,
  { store, touched }: Told,
): void {
  store.conversations.update(conversationId, change);
  const stoodAt = answerOf(before);
  const standsAt = answerOf({ ...before, ...change });
  if (stoodAt === standsAt) return;
  const [notice] = store.messages.notices(conversationId, 'request-accepted', conversationId);
  if (standsAt === null) {
    if (!notice) return;
    store.messages.remove(notice.id);
    touched.messageRemoved(conversationId, notice.id);
  } else if (notice) {
    store.messages.place(notice.id, null, standsAt);
    touched.message(notice.id);
  } else if (stoodAt === null && standsAt > store.tombstones.clearedUntil(conversationId)) {
    noteAcceptance(conversationId, conversationId, standsAt, { store, touched });
  }
}

/** When a question of ours was answered; `null` if we asked nothing, or only after they had written. */
function answerOf({ askedAt, answeredAt }: Exchange): number | null {
  return askedAt !== null && answeredAt !== null && askedAt <= answeredAt ? answeredAt : null;
}

function noteAcceptance(conversationId: string, author: string, placedAt: number, { store, touched }: Told): void {
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
