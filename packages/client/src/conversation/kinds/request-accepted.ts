import type { ReceivedProfile } from '@sotto/wire/content';
import { approvedBy } from '../approval.ts';
import { applyProfile } from '../profile.ts';
import type { Received } from '../received.ts';

/** Somebody accepts our request; on its own it creates no conversation (messages §5.11, §7 step 12). */
export function takeAcceptance(profile: ReceivedProfile | null, received: Received): void {
  const { store, sender, sentAt, now, senderState: state } = received;
  if (!state) return;
  if (sentAt <= store.tombstones.clearedUntil(sender)) {
    // It is true still, but no reason to bring back what was deleted since.
    store.conversations.update(sender, { approvedUs: true });
    return;
  }
  if (state.priority < 0) store.conversations.update(sender, { priority: 0 });
  approvedBy(sender, state, Math.min(sentAt, now), received);
  applyProfile(profile, state, received);
}
