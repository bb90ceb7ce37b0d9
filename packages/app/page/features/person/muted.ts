import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';

const YEAR_MS = 365 * 86_400_000;

/** Until the person says otherwise: longer than anybody waits. */
export const FOREVER_MS = 100 * YEAR_MS;

type Mutable = Pick<Conversation, 'mutedUntil'>;

export function isMuted({ mutedUntil }: Mutable, now = Date.now()): boolean {
  return mutedUntil !== null && mutedUntil > now;
}

/** Until when a muted conversation is quiet. */
export function useMutedText(): (conversation: Mutable) => string {
  const { t, i18n } = useTranslation();
  return ({ mutedUntil }) => {
    if (mutedUntil === null || mutedUntil > Date.now() + YEAR_MS) return t('person.mutedForever');
    const locale = i18n.language === 'en' ? 'en-GB' : i18n.language;
    const until = new Intl.DateTimeFormat(locale, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
    return t('person.mutedUntil', { time: until.format(mutedUntil) });
  };
}
