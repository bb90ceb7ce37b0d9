import { Check, CheckCheck, Clock3, LoaderCircle, Timer, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { useDuration } from '../../../parts/durations.ts';
import { useNow } from '../../../parts/use-now.ts';

interface FooterProps {
  readonly message: Message;
  readonly time: string;
  readonly showTime: boolean;
  readonly noteToSelf: boolean;
}

/** The small line of a bubble: edited, when it disappears, when it was sent, and how far it is. */
export function Footer({ message, time, showTime, noteToSelf }: FooterProps) {
  const { t } = useTranslation();
  const edited = message.edited && !message.deleted;
  if (!showTime && !edited && message.expiry === null) return null;
  return (
    // The place depends on the direction of the text, what stands there does not.
    <span className="float-end mt-1.5 -mb-0.5 ms-3">
      <bdi className="flex items-center gap-1 text-xs leading-4 opacity-90">
        {edited && <span>{t('thread.edited')}</span>}
        {message.expiry !== null && <Remaining expiry={message.expiry} />}
        {showTime && <span aria-hidden="true">{time}</span>}
        {showTime && message.delivery !== null && (
          <Delivery state={message.delivery} read={message.read} noteToSelf={noteToSelf} />
        )}
      </bdi>
    </span>
  );
}

const DAY_MS = 86_400_000;

function Remaining({ expiry }: { expiry: NonNullable<Message['expiry']> }) {
  const { t } = useTranslation();
  const duration = useDuration();
  const left = expiry.at === null ? null : expiry.at - Date.now();
  const now = useNow(left === null || left > DAY_MS ? null : left > 60_000 ? 30_000 : 1_000);
  const seconds = expiry.at === null ? expiry.seconds : Math.max(0, Math.round((expiry.at - now) / 1_000));
  const time = duration(seconds, 'long');
  const label = t(expiry.at === null ? `thread.disappears.${expiry.mode}` : 'thread.disappears.in', { time });
  return (
    <span title={label} className="flex items-center gap-0.5">
      <Timer aria-hidden="true" className="size-3.5" strokeWidth={2} />
      <span aria-hidden="true">{duration(seconds, 'narrow')}</span>
      <span className="sr-only">{label}</span>
    </span>
  );
}

interface DeliveryProps {
  readonly state: NonNullable<Message['delivery']>;
  readonly read: boolean;
  readonly noteToSelf: boolean;
}

function Delivery({ state, read, noteToSelf }: DeliveryProps) {
  const { t } = useTranslation();
  const known = state === 'stored' && noteToSelf ? 'storedSelf' : state;
  const label = t(`thread.delivery.${state === 'stored' && read ? 'read' : known}`);
  const icon = { className: 'size-3.5', strokeWidth: 2, 'aria-hidden': true } as const;
  return (
    <span title={label}>
      {state === 'waiting' && <Clock3 {...icon} />}
      {state === 'sending' && <LoaderCircle {...icon} className="size-3.5 animate-spin" />}
      {state === 'stored' && (read ? <CheckCheck {...icon} /> : <Check {...icon} />)}
      {state === 'failed' && <TriangleAlert {...icon} />}
      <span className="sr-only">{label}</span>
    </span>
  );
}
