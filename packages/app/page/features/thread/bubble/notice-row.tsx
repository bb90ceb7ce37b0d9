import { Camera, Download, type LucideIcon, PhoneMissed, Timer, UserRoundCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { timeOfDay } from '../../../parts/times.ts';
import { useNoticeText } from './use-notice-text.ts';

const ICONS: Readonly<Record<string, LucideIcon>> = {
  'missed-call': PhoneMissed,
  'timer-changed': Timer,
  'screenshot-taken': Camera,
  'media-saved': Download,
  'request-accepted': UserRoundCheck,
};

/** A line that tells of something that happened. */
export function NoticeRow({ message, tabStop }: { message: Message; tabStop: boolean }) {
  const { i18n } = useTranslation();
  const text = useNoticeText()(message);
  const Icon = ICONS[message.kind];
  return (
    <p
      data-message={message.id}
      tabIndex={tabStop ? 0 : -1}
      className="mx-auto flex w-fit max-w-[86%] items-center gap-2 rounded-full px-3 pt-3.5 pb-1 text-center text-s text-faint"
    >
      {Icon !== undefined && <Icon aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />}
      <span>
        {text} · {timeOfDay(message.sentAt, i18n.language)}
      </span>
    </p>
  );
}
