import type { AcceptedContent } from '@sotto/wire/content';
import { approvedBy } from '../approval.ts';
import { applyProfile } from '../profile.ts';
import type { Received } from '../received.ts';

/** Somebody accepts us; on its own it creates no conversation, and what it answers may come later (messages §5.11, §7 step 12). */
export function takeAcceptance(content: AcceptedContent & { kind: 'request-accepted' }, received: Received): void {
  const { store, sender, sentAt, now, senderState: state } = received;
  const isCleared = sentAt <= store.tombstones.clearedUntil(sender);
  const acceptedAt = Math.min(sentAt, now);
  const answeredAt = content.byLink ? -acceptedAt : acceptedAt;
  if (!state) {
    if (!isCleared) store.earlyAnswers.add(sender, answeredAt, now);
    return;
  }
  if (isCleared) {
    // It is true still, but no reason to bring back what was deleted since.
    store.conversations.update(sender, { approvedUs: true });
    return;
  }
  if (state.priority < 0) store.conversations.update(sender, { priority: 0 });
  approvedBy(sender, state, answeredAt, received);
  applyProfile(content.profile, state, received);
}
