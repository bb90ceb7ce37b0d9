import type { ConversationState } from '../store/conversation-state.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Touched } from './touched.ts';

/** So long a message may be on its way. Who wrote meanwhile may not have read it. */
const ON_ITS_WAY_MS = 60_000;

/** When a message could be read at the earliest, if that is long after its place; `null` for others. All in ms. */
export function lateAtOf(placedAt: number, storedAt: number, now: number): number | null {
  const readableAt = Math.min(storedAt, now);
  return readableAt - placedAt > ON_ITS_WAY_MS ? readableAt : null;
}

/**
 * Marks what there was to be read up to a time as read, and starts the clocks that wait for it (messages §5.13).
 * @returns the sent times that a receipt names (messages §5.8).
 */
export function markReadUntil(
  conversationId: string,
  until: number,
  now: number,
  store: ProfileStore,
  touched: Touched,
): readonly number[] {
  const times = mark(conversationId, { until, named: until }, now, store, touched);
  const state = store.conversations.state(conversationId);
  if (state && until > state.lastReadAt && until < Number.MAX_SAFE_INTEGER) {
    store.conversations.update(conversationId, { lastReadAt: until });
  }
  return times;
}

/**
 * Has it been read, on whatever device? Times in ms, as with {@link lateAtOf}. Other clients name what was read last by
 * when it was sent (config §9.3), however late it was.
 */
export function isRead(placedAt: number, lateAt: number | null, { lastReadAt, wroteAt }: ConversationState): boolean {
  return placedAt === lastReadAt || (lateAt ?? placedAt) <= Math.max(lastReadAt, wroteAt - ON_ITS_WAY_MS);
}

/**
 * {@link markReadUntil} for all that is here. What is on its way still, however old, will be unread; but where the person
 * ends a mark that they made, our other devices have to hear of a time that is not too old to be told (config §6).
 */
export function markAllRead(
  conversationId: string,
  now: number,
  store: ProfileStore,
  touched: Touched,
): readonly number[] {
  const unread = store.messages.newestUnread(conversationId) ?? 0;
  const isMarked = store.conversations.state(conversationId)?.markedUnread === true;
  const newest = isMarked ? (store.messages.newestAt(conversationId) ?? 0) : 0;
  return markReadUntil(conversationId, Math.max(unread, newest), now, store, touched);
}

/**
 * One of our devices wrote there at a time: what had certainly come by then has been read (messages §7 step 11). What
 * else had, that device tells.
 */
export function markReadByWriting(
  conversationId: string,
  wroteAt: number,
  now: number,
  store: ProfileStore,
  touched: Touched,
): void {
  mark(conversationId, { until: wroteAt - ON_ITS_WAY_MS, named: null }, now, store, touched);
  const known = store.conversations.state(conversationId)?.wroteAt ?? 0;
  if (wroteAt > known) store.conversations.update(conversationId, { wroteAt });
}

function mark(
  conversationId: string,
  what: { readonly until: number; readonly named: number | null },
  now: number,
  store: ProfileStore,
  touched: Touched,
): readonly number[] {
  const read = store.messages.markRead(conversationId, what);
  for (const { id, disappearing, hash } of read?.starting ?? []) {
    const end = now + disappearing!.seconds * 1000;
    store.messages.setExpiresAt(id, end);
    if (hash !== null) store.chores.addShortening(hash, end, id);
    touched.message(id);
    touched.work();
  }
  if (read) touched.conversation(conversationId);
  return read?.times ?? [];
}
