import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { useDuration } from '../../../parts/durations.ts';
import { useNameOf } from '../text/use-name-of.ts';

/** A notice as a sentence: who did what. Empty for a message that is none. */
export function useNoticeText(): (message: Message) => string {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const duration = useDuration();
  return ({ kind, direction, author, timer }) => {
    const who = direction === 'out' ? 'you' : 'them';
    const name = nameOf(author);
    switch (kind) {
      case 'timer-changed':
        return timer === null
          ? t(`notices.timerOff.${who}`, { name })
          : t(`notices.timer.${timer.mode}.${who}`, { name, time: duration(timer.seconds, 'long') });
      case 'missed-call':
      case 'screenshot-taken':
      case 'media-saved':
      case 'request-accepted':
        return t(`notices.${kind}.${who}`, { name });
      default:
        return '';
    }
  };
}
