import { clearConversation } from '../../conversation/removal.ts';
import type { Applying } from './apply.ts';

/** Another device of ours deleted the conversation: what it had seen by then goes (messages §7 step 8). */
export function hideConversation(id: string, { store, configs, touched, toldAt, now }: Applying): void {
  const mark = configs.readMarks(now).get(id);
  // Our own clients say what they deleted; others do not, so it is what was there when they told.
  const isSaid = mark !== null && mark.cleared > 0 && mark.cleared >= mark.lastRead;
  clearConversation(id, isSaid ? mark.cleared : toldAt, store, touched);
  touched.conversationRemoved(id);
}

/**
 * Another device of ours forgot the contact. If they have written since, they are a stranger who writes to us, and all
 * our devices will say so.
 */
export function forgetContact(id: string, applying: Applying): void {
  const { store, touched } = applying;
  if (!store.conversations.has(id)) return;
  hideConversation(id, applying);
  if (store.messages.newestAt(id) === null) {
    store.conversations.remove(id, 'shared');
    return;
  }
  const forgotten = { approved: false, nickname: null, blocked: false, priority: 0, archived: false, mutedUntil: 0 };
  store.conversations.update(id, forgotten, 'shared');
  store.shared.addEdit(id, ['created']);
  touched.conversation(id);
}
