import { profileUpdated, shownPicture, type UserProfile } from '@sotto/config';
import { cleanName } from '../../conversation/profile.ts';
import type { ConversationState } from '../../store/conversation-state.ts';
import type { Applying } from './apply.ts';
import { hideConversation } from './apply-deletion.ts';

/** Takes over what another device of ours changed of our profile (config §10). */
export function applyProfile(before: UserProfile, after: UserProfile, applying: Applying): void {
  const { store, touched } = applying;
  const own = store.account.profile();
  const name = cleanName(after.name) ?? own.name;
  const pictures = [before, after].map(shownPicture);
  const isOtherPicture = pictures[0]?.url !== pictures[1]?.url;
  if (name !== own.name || isOtherPicture) {
    const picture = isOtherPicture
      ? { picture: pictures[1] ?? null, pictureBlob: null, pictureUploadedAt: applying.now }
      : {};
    store.account.setProfile({ name, ...picture, changedAt: profileUpdated(after) * 1000 }, 'shared');
    touched.account();
    touched.work();
  }
  applyNoteToSelf(before, after, applying);
}

function applyNoteToSelf(before: UserProfile, after: UserProfile, applying: Applying): void {
  const { store, touched, ownId, now, toldAt } = applying;
  const change: Partial<ConversationState> = {
    ...(after.noteToSelfPriority === before.noteToSelfPriority ? {} : { priority: after.noteToSelfPriority }),
    ...(after.noteToSelfTimer === before.noteToSelfTimer ? {} : timerOf(after.noteToSelfTimer, toldAt)),
    ...(after.noteToSelfArchived === before.noteToSelfArchived
      ? {}
      : { archived: after.noteToSelfArchived > 0, archivedAt: after.noteToSelfArchived }),
  };
  if (Object.keys(change).length === 0) return;
  const isNew = !store.conversations.has(ownId);
  if (isNew && after.noteToSelfPriority < 0) return;
  store.conversations.ensure(ownId, now, 'shared');
  store.conversations.update(ownId, change, 'shared');
  touched.conversation(ownId);
  if (!isNew && (change.priority ?? 0) < 0) hideConversation(ownId, applying);
}

function timerOf(seconds: number, setAt: number): Partial<ConversationState> {
  return { disappearing: seconds > 0 ? { mode: 'after-send', seconds } : null, disappearingSetAt: setAt };
}
