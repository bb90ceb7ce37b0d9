import type { Changed, Contact } from '@sotto/config';
import type { ConversationState } from '../../store/conversation-state.ts';
import { isSameValue } from '../../store/conversation-state.ts';
import type { Applying } from './apply.ts';
import { forgetContact, hideConversation } from './apply-deletion.ts';
import { applyReadMark } from './apply-read-marks.ts';
import { CONTACT_FIELDS } from './contact-fields.ts';

/** Takes over what another device of ours changed about people (config §10). */
export function applyContacts(changed: readonly Changed<Contact>[], applying: Applying): void {
  for (const { id, before, after } of changed) {
    if (!after) forgetContact(id, applying);
    else if (id !== applying.ownId) applyContact(id, before, after, applying);
  }
}

function applyContact(id: string, before: Contact | null, after: Contact, applying: Applying): void {
  const { store, touched, configs, now } = applying;
  const change = changesBetween(before, after);
  if (before && Object.keys(change).length === 0) return;
  const isNew = !store.conversations.has(id);
  const known = store.conversations.ensure(id, change.createdAt ?? now, 'shared');
  store.conversations.update(
    id,
    { ...change, ...profileChange(id, change, known, applying), ...timerChange(change, applying) },
    'shared',
  );
  if (change.pictureUrl) touched.work();
  if (!isNew && (change.priority ?? 0) < 0 && known.priority >= 0) hideConversation(id, applying);
  else touched.conversation(id);
  const mark = isNew ? configs.readMarks(now).get(id) : null;
  if (mark) applyReadMark(id, mark, applying);
}

/** What another device changed, as this device keeps it. Only that: the rest may be kept here in more detail. */
function changesBetween(before: Contact | null, after: Contact): Partial<ConversationState> {
  const changes = Object.values(CONTACT_FIELDS).map(({ fromShared }) => {
    const now = fromShared(after);
    const then = before ? fromShared(before) : {};
    const keys = Object.keys(now) as (keyof ConversationState)[];
    return keys.every((key) => before !== null && isSameValue(now[key], then[key])) ? {} : now;
  });
  return Object.assign({}, ...changes);
}

/**
 * Name and picture of a person count unless ours are newer (config §9.2), or merging has left an empty name; then our
 * other devices are told of ours.
 */
function profileChange(
  id: string,
  change: Partial<ConversationState>,
  known: ConversationState,
  { store }: Applying,
): Partial<ConversationState> {
  if (change.profileAt === undefined) return {};
  const { profileName, profileAt, pictureUrl, pictureKey, pictureBlob } = known;
  const isLess = change.profileAt < profileAt || (change.profileName === null && profileName !== null);
  if (isLess) {
    store.shared.addEdit(id, ['profile']);
    return { profileName, profileAt, pictureUrl, pictureKey };
  }
  return {
    pictureBlob: change.pictureUrl === pictureUrl ? pictureBlob : null,
  };
}

/** What earlier messages of ours say about the timer is older than this. */
function timerChange(change: Partial<ConversationState>, { toldAt }: Applying): Partial<ConversationState> {
  return change.disappearing === undefined ? {} : { disappearingSetAt: toldAt };
}
