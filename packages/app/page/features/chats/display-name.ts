import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { withoutTurns } from '../../parts/directions.ts';

/** What to call a conversation: note to self, the person's name, or the two ends of their id. */
export function useDisplayName(): (conversation: Pick<Conversation, 'id' | 'name' | 'isNoteToSelf'>) => string {
  const { t } = useTranslation();
  return ({ id, name, isNoteToSelf }) =>
    isNoteToSelf ? t('chats.noteToSelf') : name === null ? shortId(id) : withoutTurns(name);
}

/** `05ca03…5c1a` */
export function shortId(id: string): string {
  return `${id.slice(0, 6)}…${id.slice(-4)}`;
}
