import { Check, Clock3, LoaderCircle, RotateCw, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type Message } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { timeOfDay } from '../../parts/times.ts';
import { MessageText } from './message-text.tsx';
import type { Row } from './rows.ts';

interface BubbleProps {
  readonly row: Row;
  /** Who wrote it, for those who hear the page. */
  readonly author: string;
  readonly noteToSelf: boolean;
}

/** One message, and on the last of a group its time; ours also say where they stand. */
export const Bubble = memo(function Bubble({ row: { message, first, last }, author, noteToSelf }: BubbleProps) {
  const { t, i18n } = useTranslation();
  const out = message.direction === 'out';
  const time = timeOfDay(message.sentAt, i18n.language);
  const look = out
    ? `self-end border-transparent bg-bubble-out text-on-bubble-out ${last ? 'rounded-br-[6px]' : ''}`
    : `self-start border-line bg-bubble-in text-on-bubble-in ${last ? 'rounded-bl-[6px]' : ''}`;
  const unsettled = out && message.delivery !== 'stored';
  return (
    <div className={`flex flex-col ${first ? 'pt-3.5' : 'pt-1'}`}>
      <div
        dir="auto"
        className={`w-fit max-w-[66%] rounded-l border px-3 py-2 wrap-anywhere narrow:max-w-[86%] ${look}`}
        title={new Date(message.sentAt).toLocaleString(i18n.language)}
      >
        <bdi className="sr-only">{t('thread.saysAt', { name: author, time })}</bdi>
        <span className="whitespace-pre-wrap">
          <MessageText text={message.body} />
        </span>
        {(last || unsettled) && (
          <bdi className="float-end mt-1.5 -mb-0.5 ms-3 flex items-center gap-1 text-xs leading-4 opacity-90">
            <span aria-hidden="true">{time}</span>
            {message.delivery !== null && <Delivery state={message.delivery} noteToSelf={noteToSelf} />}
          </bdi>
        )}
      </div>
      {message.delivery === 'failed' && <Failure message={message} />}
    </div>
  );
});

function Delivery({ state, noteToSelf }: { state: NonNullable<Message['delivery']>; noteToSelf: boolean }) {
  const { t } = useTranslation();
  const label = t(`thread.delivery.${state === 'stored' && noteToSelf ? 'storedSelf' : state}`);
  const icon = { className: 'size-3.5', strokeWidth: 2, 'aria-hidden': true } as const;
  return (
    <span title={label}>
      {state === 'waiting' && <Clock3 {...icon} />}
      {state === 'sending' && <LoaderCircle {...icon} className="size-3.5 animate-spin" />}
      {state === 'stored' && <Check {...icon} />}
      {state === 'failed' && <TriangleAlert {...icon} />}
      <span className="sr-only">{label}</span>
    </span>
  );
}

/** Why a message did not leave, and the way to try it again. */
function Failure({ message }: { message: Message }) {
  const { t } = useTranslation();
  const retry = useCommand(() => engine.messages.retry.mutate({ messageId: message.id }));
  return (
    <p className="mt-1 flex flex-wrap items-center justify-end gap-x-2 self-end text-s text-danger">
      {t(message.failure === null ? 'thread.delivery.failed' : `thread.failure.${message.failure}`)}
      <button
        type="button"
        disabled={retry.running}
        onClick={() => retry.run(undefined)}
        className="flex items-center gap-1 rounded-s px-1 py-0.5 font-semibold underline decoration-1 underline-offset-2 hover:decoration-2"
      >
        <RotateCw aria-hidden="true" className="size-3" strokeWidth={2.25} />
        {t('thread.retry')}
      </button>
    </p>
  );
}
