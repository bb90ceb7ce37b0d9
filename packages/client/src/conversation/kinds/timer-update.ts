import type { AcceptedContent } from '@sotto/wire/content';
import { disappearingOf } from '../lifetimes.ts';
import { applyProfile } from '../profile.ts';
import type { Received } from '../received.ts';
import { insertNotice } from './notice.ts';

/**
 * Somebody changed how what they send disappears. It informs us; only what our own devices say changes our own setting
 * (messages §5.13). Of each side the newest line is kept.
 */
export function takeTimerUpdate(content: AcceptedContent & { kind: 'timer-update' }, received: Received): void {
  const { store, touched, sender, sentAt, ownId } = received;
  const { conversation: conversationId } = content;
  const state = store.conversations.state(conversationId);
  if (!state) return;
  applyProfile(content.profile, received.senderState, received);
  const disappearing = disappearingOf(content.expiry);
  if (sender === ownId && sentAt > state.disappearingSetAt) {
    store.conversations.update(conversationId, { disappearing, disappearingSetAt: sentAt });
  } else if (sender !== ownId && sentAt > state.theirDisappearingSetAt) {
    store.conversations.update(conversationId, { theirDisappearing: disappearing, theirDisappearingSetAt: sentAt });
  }
  touched.conversation(conversationId);
  const lines = store.messages.notices(conversationId, 'timer-changed', sender);
  if (lines.some((line) => (line.sentAt ?? 0) >= sentAt)) return;
  for (const { id } of lines) {
    store.messages.remove(id);
    touched.messageRemoved(conversationId, id);
  }
  insertNotice(
    { conversationId, kind: 'timer-changed', details: disappearing ? { timer: disappearing } : {} },
    received,
  );
}
