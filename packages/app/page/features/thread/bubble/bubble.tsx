import { Ban, MoreHorizontal, Reply, RotateCw, SmilePlus, Users } from 'lucide-react';
import { memo, type PointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type Message } from '../../../engine/connection.ts';
import { useCommand } from '../../../engine/use-command.ts';
import { IconButton } from '../../../parts/button.tsx';
import { withoutTurns } from '../../../parts/directions.ts';
import { timeOfDay } from '../../../parts/times.ts';
import { useMoment } from '../../../parts/use-moment.ts';
import { Attachments } from '../files/attachments.tsx';
import { bubbleWidth } from '../files/media-box.ts';
import type { Row } from '../rows.ts';
import { MessageText } from '../text/message-text.tsx';
import { useThreadActions } from '../thread-actions.ts';
import { Footer } from './footer.tsx';
import { PreviewCard } from './preview-card.tsx';
import { QuoteBlock } from './quote-block.tsx';
import { Reactions } from './reactions.tsx';

interface BubbleProps {
  readonly row: Row;
  /** Who wrote it, for those who hear the page. */
  readonly author: string;
  readonly noteToSelf: boolean;
  /** A jump has just led here. */
  readonly marked: boolean;
  /** The one message that the Tab key reaches; arrows lead to the others. */
  readonly tabStop: boolean;
}

const LONG_PRESS_MS = 500;

/** One message, and on the last of a group its time; ours also say where they stand. */
export const Bubble = memo(function Bubble({ row, author, noteToSelf, marked, tabStop }: BubbleProps) {
  const { t, i18n } = useTranslation();
  const { message, first, last } = row;
  const actions = useThreadActions();
  const frame = useRef<HTMLDivElement>(null);
  const out = message.direction === 'out';
  const time = timeOfDay(message.sentAt, i18n.language);
  const openMenu = (x: number, y: number) => actions.menu(message, { x, y }, frame.current);
  const openBelow = () => {
    const { left, bottom } = frame.current!.getBoundingClientRect();
    openMenu(left + 12, Math.min(bottom, innerHeight - 40));
  };
  const press = useLongPress(openMenu);
  const look = out
    ? `border-transparent bg-bubble-out text-on-bubble-out ${last ? 'rounded-br-[6px]' : ''}`
    : `border-line bg-bubble-in text-on-bubble-in ${last ? 'rounded-bl-[6px]' : ''}`;
  const width = bubbleWidth(message);
  const settled = !out || message.delivery === 'stored';
  return (
    <div className={`group flex flex-col ${out ? 'items-end' : 'items-start'} ${first ? 'pt-3.5' : 'pt-1'}`}>
      <div className={`flex w-full items-center gap-1 ${out ? 'flex-row-reverse' : ''}`}>
        {/* biome-ignore lint/a11y/useSemanticElements: a message is no field set */}
        <div
          ref={frame}
          role="group"
          data-message={message.id}
          tabIndex={tabStop ? 0 : -1}
          aria-label={t('thread.saysAt', { name: author, time })}
          onContextMenu={(event) => {
            if (event.target instanceof Element && event.target.closest('a, video, audio') !== null) return;
            event.preventDefault();
            // The keyboard's own key for menus has no place.
            if (event.clientX === 0 && event.clientY === 0) openBelow();
            else openMenu(event.clientX, event.clientY);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.target !== event.currentTarget) return;
            event.preventDefault();
            openBelow();
          }}
          {...press}
          dir="auto"
          className={`w-fit max-w-[66%] rounded-l border px-3 py-2 wrap-anywhere narrow:max-w-[86%] ${look} ${marked ? 'found' : ''}`}
          style={width === null ? undefined : { width }}
          title={useMoment()(message.sentAt)}
        >
          {message.deleted ? (
            <span className="inline-flex items-center gap-1.5 italic opacity-85">
              <Ban aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
              {t(out ? 'thread.deletedByYou' : 'thread.deletedByThem')}
            </span>
          ) : (
            <Content message={message} />
          )}
          <Footer message={message} time={time} showTime={last || !settled} noteToSelf={noteToSelf} />
        </div>
        {!message.deleted && (
          <div className="flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 narrow:hidden [@media(hover:none)]:hidden">
            <IconButton
              tabIndex={-1}
              label={t('thread.react')}
              className="size-8!"
              onClick={({ clientX: x, clientY: y }) => actions.pickReaction(message, { x, y })}
            >
              <SmilePlus className="size-4" strokeWidth={1.75} />
            </IconButton>
            <IconButton
              tabIndex={-1}
              label={t('thread.reply')}
              className="size-8!"
              onClick={() => actions.reply(message)}
            >
              <Reply className="size-4" strokeWidth={1.75} />
            </IconButton>
            <IconButton
              tabIndex={-1}
              label={t('thread.more')}
              aria-haspopup="menu"
              className="size-8!"
              onClick={({ clientX: x, clientY: y }) => openMenu(x, y)}
            >
              <MoreHorizontal className="size-4" strokeWidth={1.75} />
            </IconButton>
          </div>
        )}
      </div>
      <Reactions message={message} />
      {message.delivery === 'failed' && <Failure message={message} />}
    </div>
  );
});

function Content({ message }: { message: Message }) {
  return (
    <>
      {message.quote !== null && <QuoteBlock quote={message.quote} />}
      {message.attachments.length > 0 && <Attachments message={message} />}
      {message.kind === 'community-invitation' && <Invitation message={message} />}
      {message.preview !== null && <PreviewCard preview={message.preview} />}
      {message.body !== '' && (
        <span className="whitespace-pre-wrap">
          <MessageText text={message.body} />
        </span>
      )}
    </>
  );
}

function Invitation({ message: { invitation } }: { message: Message }) {
  const { t } = useTranslation();
  return (
    <span className="flex items-start gap-2.5">
      <Users aria-hidden="true" className="mt-0.5 size-5 shrink-0" strokeWidth={1.75} />
      <span>
        <span className="block text-s opacity-90">{t('thread.invitation')}</span>
        <bdi className="block font-semibold">{withoutTurns(invitation?.name ?? '')}</bdi>
        <bdi className="block text-s opacity-90">{withoutTurns(invitation?.url ?? '')}</bdi>
      </span>
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

/** A long touch, for browsers that make no menu event of it. */
function useLongPress(open: (x: number, y: number) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const cancel = () => clearTimeout(timer.current);
  return {
    onPointerDown: ({ pointerType, clientX, clientY }: PointerEvent) => {
      if (pointerType === 'touch') timer.current = setTimeout(() => open(clientX, clientY), LONG_PRESS_MS);
    },
    onPointerMove: cancel,
    onPointerUp: cancel,
    onPointerCancel: cancel,
  };
}
