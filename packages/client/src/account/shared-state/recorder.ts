import type { ProfileStore } from '../../store/profile-store.ts';
import { OWN_PROFILE, REMOVED } from '../../store/shared-table.ts';
import { FIELD_OF } from './contact-fields.ts';

/** Read marks of a conversation; they have no place in the contact. */
export const READ_MARK = 'read';
const READ_MARK_FIELDS: ReadonlySet<string> = new Set(['lastReadAt', 'markedUnread']);

/**
 * Notes in the transaction of every change what of it our other devices are to know, so that no crash comes in between.
 * `onEdit` is called inside that transaction.
 */
export function recordEdits({ account, conversations, shared }: ProfileStore, onEdit: () => void): void {
  const record = (subject: string, fields: readonly string[]) => {
    if (fields.length === 0) return;
    shared.addEdit(subject, fields);
    onEdit();
  };
  conversations.onChange((id, fields) => {
    if (fields === null) return record(id, [REMOVED]);
    const names = fields.flatMap((field) => (READ_MARK_FIELDS.has(field) ? [READ_MARK] : (FIELD_OF.get(field) ?? [])));
    record(id, [...new Set(names)]);
  });
  account.onChange((fields) => record(OWN_PROFILE, fields));
}

/** Everything on this device counts as changed here: nobody else knows of it. */
export function recordEverything({ account, conversations, shared }: ProfileStore): void {
  const { name, picture } = account.profile();
  shared.addEdit(OWN_PROFILE, [...(name === '' ? [] : ['name']), ...(picture ? ['picture'] : [])]);
  for (const id of conversations.ids()) shared.addEdit(id, [...new Set(FIELD_OF.values()), READ_MARK]);
}
