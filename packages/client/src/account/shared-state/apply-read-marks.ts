import type { Changed } from '@sotto/config';
import { markReadUntil } from '../../conversation/reading.ts';
import { clearConversation } from '../../conversation/removal.ts';
import type { Applying } from './apply.ts';
import { READ_MARK } from './recorder.ts';
import type { ReadMark } from './shared-configs.ts';

type Mark = Omit<ReadMark, 'id'>;

/**
 * Takes over what was read and deleted on another device of ours (config §10). Marks that have gone say nothing: they
 * were too old to be told, and this device keeps its own.
 */
export function applyReadMarks(changed: readonly Changed<Mark>[], applying: Applying): void {
  for (const { id, before, after } of changed) {
    const isSame =
      before?.lastRead === after?.lastRead && before?.unread === after?.unread && before?.cleared === after?.cleared;
    if (after && !isSame) applyReadMark(id, after, applying);
  }
}

/** One of them. Where this device knows a later time, all are told of it: merging prefers none (config §6). */
export function applyReadMark(id: string, { lastRead, unread, cleared }: Mark, applying: Applying): void {
  const { store, touched, now } = applying;
  const clearedUntil = store.tombstones.clearedUntil(id);
  if (cleared > clearedUntil) {
    clearConversation(id, Math.min(cleared, now), store, touched);
    if (store.conversations.has(id)) touched.conversationRemoved(id);
  }
  const state = store.conversations.state(id);
  if (cleared < clearedUntil || (state && lastRead < state.lastReadAt)) store.shared.addEdit(id, [READ_MARK]);
  if (!state) return;
  if (lastRead > state.lastReadAt) markReadUntil(id, lastRead, now, store, touched);
  store.conversations.update(id, { lastReadAt: Math.max(lastRead, state.lastReadAt), markedUnread: unread }, 'shared');
  if (state.priority >= 0) touched.conversation(id);
}
