import type { ProfileStore } from '../store/profile-store.ts';
import type { Touched } from './touched.ts';

/**
 * Marks what others sent up to a time as read, and starts the clocks that wait for it (messages §5.13).
 * @returns the sent times that a receipt names (messages §5.8).
 */
export function markReadUntil(
  conversationId: string,
  until: number,
  now: number,
  store: ProfileStore,
  touched: Touched,
): readonly number[] {
  const read = store.messages.markRead(conversationId, until);
  for (const { id, disappearing, hash } of read?.starting ?? []) {
    const end = now + disappearing!.seconds * 1000;
    store.messages.setExpiresAt(id, end);
    if (hash !== null) store.chores.addShortening(hash, end, id);
    touched.message(id);
    touched.work();
  }
  if (read) touched.conversation(conversationId);
  const state = store.conversations.state(conversationId);
  if (state && until > state.lastReadAt && until < Number.MAX_SAFE_INTEGER) {
    store.conversations.update(conversationId, { lastReadAt: until });
  }
  return read?.times ?? [];
}
