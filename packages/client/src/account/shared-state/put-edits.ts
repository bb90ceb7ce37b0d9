import { ConfigError, type Contact, type UserProfile } from '@sotto/config';
import { markReadUntil } from '../../conversation/reading.ts';
import type { Touched } from '../../conversation/touched.ts';
import type { ProfileStore } from '../../store/profile-store.ts';
import { type Edit, OWN_PROFILE, REMOVED } from '../../store/shared-table.ts';
import type { Logger } from '../../surroundings.ts';
import { CONTACT_FIELDS } from './contact-fields.ts';
import { READ_MARK } from './recorder.ts';
import type { SharedConfigs } from './shared-configs.ts';

/** Read marks and deletions that are older than this are not told (config §9.3): no mailbox has such messages any more. */
const STALE_AFTER_MS = 30 * 86_400_000;
/** The shared state has room for so many; who else writes to us is told once we accept them. */
const MOST_STRANGERS = 1000;

/** What putting edits into the shared state works with. */
export interface EditParts {
  readonly store: ProfileStore;
  readonly configs: SharedConfigs;
  readonly ownId: string;
  readonly log: Logger;
}

/**
 * Puts what was changed here into the shared state, as it is now, inside {@link SharedConfigs.change}. What is there
 * already changes nothing. `now`: network time, ms.
 */
export function putEdits(parts: EditParts, touched: Touched, now: number): void {
  const { store, log } = parts;
  const hasRoom = roomForStrangers(parts, now);
  for (const edit of store.shared.edits()) {
    try {
      if (edit.subject === OWN_PROFILE) putProfile(edit, parts);
      else putConversation(edit, parts, hasRoom, touched, now);
    } catch (error) {
      // It stays a matter of this device, and keeps nothing else back.
      if (!(error instanceof ConfigError)) throw error;
      log.warn({ code: error.code }, 'something cannot be told to our other devices');
    }
  }
  store.shared.clearEdits();
}

function putProfile({ fields }: Edit, { store, configs }: EditParts): void {
  const { name, picture, pictureUploadedAt, changedAt } = store.account.profile();
  const profile = configs.profile(changedAt);
  if (fields.has('name')) profile.set({ name });
  if (fields.has('picture')) profile.set({ picture });
  else if (fields.has('pictureAgain')) configs.profile(pictureUploadedAt).set({ storedAgainPicture: picture });
}

/** Anybody can write to us, and the shared state must not become too large for those whom we know. */
function roomForStrangers({ configs }: EditParts, now: number): () => boolean {
  let room: number | null = null;
  return () => {
    room ??= MOST_STRANGERS - configs.contacts(now).list().filter(isStranger).length;
    return room-- > 0;
  };
}

function isStranger({ approved, blocked }: Pick<Contact, 'approved' | 'blocked'>): boolean {
  return !approved && !blocked;
}

function putConversation(edit: Edit, parts: EditParts, hasRoom: () => boolean, touched: Touched, now: number): void {
  const { subject: id } = edit;
  if (id === parts.ownId) putNoteToSelf(edit, parts, now);
  else putContact(edit, parts, hasRoom, now);
  putReadMark(edit, parts, touched, now);
}

/** Note to self is part of our profile (config §9.1). */
function putNoteToSelf({ subject: id, fields }: Edit, { store, configs }: EditParts, now: number): void {
  const state = store.conversations.state(id);
  const change: Partial<{ -readonly [Key in keyof UserProfile]: UserProfile[Key] }> = {};
  if (!state) change.noteToSelfPriority = -1;
  else {
    if (fields.has('priority') || fields.has('created')) change.noteToSelfPriority = state.priority;
    if (fields.has('disappearing')) change.noteToSelfTimer = state.disappearing?.seconds ?? 0;
    if (fields.has('archived')) change.noteToSelfArchived = state.archived ? state.archivedAt : 0;
  }
  configs.profile(now).set(change);
}

function putContact(
  { subject: id, fields }: Edit,
  { store, configs }: EditParts,
  hasRoom: () => boolean,
  now: number,
): void {
  const contacts = configs.contacts(now);
  const state = store.conversations.state(id);
  if (fields.has(REMOVED) || !state) contacts.erase(id);
  if (!state) return;
  const known = contacts.get(id);
  if (known === null && isStranger(state) && !hasRoom()) return;
  // Whom nobody knows yet is told whole.
  const changed = Object.entries(CONTACT_FIELDS).filter(([name]) => known === null || fields.has(name));
  const change: Partial<Contact> = Object.assign({}, ...changed.map(([, { toShared }]) => toShared(state, known)));
  if (changed.length > 0) contacts.set(id, change);
}

/** What was read, and up to when the conversation was deleted; of both, the later time counts. */
function putReadMark(
  { subject: id, fields }: Edit,
  { store, configs }: EditParts,
  touched: Touched,
  now: number,
): void {
  const marks = configs.readMarks(now);
  const known = marks.get(id);
  // A conversation that begins anew may have been read before.
  if (known) markReadUntil(id, known.lastRead, now, store, touched);
  const state = store.conversations.state(id);
  const clearedUntil = Math.min(store.tombstones.clearedUntil(id), now);
  const isCleared = clearedUntil > (known?.cleared ?? 0) && clearedUntil > now - STALE_AFTER_MS;
  const lastRead = Math.max(state?.lastReadAt ?? 0, isCleared ? clearedUntil : 0, known?.lastRead ?? 0);
  if (!isCleared && !fields.has(READ_MARK)) return;
  const isNothing = lastRead <= now - STALE_AFTER_MS && !state?.markedUnread && known === null;
  if (isNothing) return;
  if (isCleared) store.conversations.update(id, { lastReadAt: lastRead }, 'shared');
  marks.set(id, { lastRead, unread: state?.markedUnread ?? false, ...(isCleared ? { cleared: clearedUntil } : {}) });
}
