import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { daysAgo, timeOfDay } from '../../parts/times.ts';
import { useMoment } from '../../parts/use-moment.ts';

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
  const moment = useMoment();
  return ({ mutedUntil }) => {
    if (mutedUntil === null || mutedUntil > Date.now() + YEAR_MS) return t('person.mutedForever');
    const today = daysAgo(mutedUntil) === 0;
    return t('person.mutedUntil', { time: today ? timeOfDay(mutedUntil, i18n.language) : moment(mutedUntil) });
  };
}
