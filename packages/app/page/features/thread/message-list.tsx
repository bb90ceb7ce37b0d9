import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import {
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { dayName, daysAgo } from '../../parts/times.ts';
import { Bubble } from './bubble/bubble.tsx';
import { NoticeRow } from './bubble/notice-row.tsx';
import { isNotice, type Row } from './rows.ts';
import { useJump } from './use-jump.ts';
import { useMessageFocus } from './use-message-focus.ts';

/** How near the end, in px, counts as being there. */
const END = 60;
const OLDER_WHEN_ABOVE = 8;
/** Rows are measured as they come, so the first place takes some frames; the beginning is not near before. */
const SETTLING_MS = 250;

/** Where a person was in a conversation that they left; the end is where one is without an entry. */
const places = new Map<string, { readonly messageId: string; readonly offset: number }>();

/** How high the rows of a left conversation were, so that coming back finds everything in its place. */
const heights = new Map<string, VirtualItem[]>();

export interface MessageListHandle {
  scrollToEnd(): void;
  /** Scrolls to a message as soon as it is among the rows, and makes it stand out for a moment. */
  showMessage(messageId: string): void;
}

interface MessageListProps {
  readonly ref: Ref<MessageListHandle>;
  readonly conversationId: string;
  readonly rows: readonly Row[];
  readonly name: string;
  readonly noteToSelf: boolean;
  readonly loadingOlder: boolean;
  /** The rows end with the newest message. */
  readonly atNewest: boolean;
  readonly onNearBeginning: () => void;
  readonly onNearEnd: () => void;
  readonly onAtEnd: (atEnd: boolean) => void;
  readonly onToEnd: () => void;
}

/** The messages, as many of them in the page as one sees. Stays where it is when older ones come, and at the end when new ones do. */
export function MessageList(props: MessageListProps) {
  const { ref, conversationId, rows, name, noteToSelf, loadingOlder, atNewest } = props;
  const { onNearBeginning, onNearEnd, onAtEnd, onToEnd } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(false);
  const [knownHeights] = useState(() => heights.get(conversationId) ?? []);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (at) => rows[at]!.message.id,
    estimateSize: (at) => estimateHeight(rows[at]!),
    anchorTo: 'end',
    followOnAppend: atNewest,
    scrollEndThreshold: END,
    overscan: 10,
    paddingStart: 12,
    paddingEnd: 16,
    initialMeasurementsCache: knownHeights,
  });
  const items = virtualizer.getVirtualItems();
  const firstShown = items[0]?.index ?? 0;
  const lastShown = items.at(-1)?.index ?? 0;
  const { marked, showMessage } = useJump(rows, virtualizer);
  const focus = useMessageFocus(rows, virtualizer, scroller);
  useImperativeHandle(ref, () => ({ scrollToEnd: () => virtualizer.scrollToEnd(), showMessage }));

  // The first place: where one left, else the first unread message, else the end.
  const placed = useRef(false);
  useLayoutEffect(
    () => () => {
      placed.current = false;
    },
    [],
  );
  useLayoutEffect(() => {
    if (placed.current || rows.length === 0) return;
    placed.current = true;
    const left = places.get(conversationId);
    const leftAt = rows.findIndex((row) => row.message.id === left?.messageId);
    const unreadAt = rows.findIndex((row) => row.newMessages);
    if (left !== undefined && leftAt >= 0) {
      const [start] = virtualizer.getOffsetForIndex(leftAt, 'start') ?? [0];
      virtualizer.scrollToOffset(start + left.offset);
    } else if (unreadAt >= 0) virtualizer.scrollToIndex(unreadAt, { align: 'start' });
    else virtualizer.scrollToEnd();
    // A place that needs no scrolling makes no scroll event.
    requestAnimationFrame(() => notePlace());
  });

  useEffect(() => () => void heights.set(conversationId, virtualizer.takeSnapshot()), [conversationId, virtualizer]);
  // What grows below, like a long draft, must not cover the end.
  useEffect(() => {
    if (!atEnd || scroller.current === null) return;
    const observer = new ResizeObserver(() => virtualizer.scrollToEnd());
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [atEnd, virtualizer]);
  useEffect(() => onAtEnd(atEnd), [atEnd, onAtEnd]);
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), SETTLING_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (settled && firstShown < OLDER_WHEN_ABOVE) onNearBeginning();
  }, [settled, firstShown, onNearBeginning]);

  useEffect(() => {
    if (settled && !atNewest && lastShown > rows.length - OLDER_WHEN_ABOVE) onNearEnd();
  }, [settled, atNewest, lastShown, rows.length, onNearEnd]);

  const notePlace = () => {
    if (scroller.current === null) return;
    // The element itself knows: the virtualizer hears of a scroll event after us.
    const { scrollTop, scrollHeight, clientHeight } = scroller.current;
    const now = scrollHeight - clientHeight - scrollTop <= END;
    setAtEnd(now);
    const top = virtualizer.getVirtualItemForOffset(scrollTop);
    if (now || top === undefined) places.delete(conversationId);
    else places.set(conversationId, { messageId: String(top.key), offset: scrollTop - top.start });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (focus.onKeyDown(event) || event.key !== 'End') return;
    event.preventDefault();
    onToEnd();
  };
  const language = useTranslation().i18n.language;
  const authors = useMemo(() => ({ in: name, out: t('common.you') }), [name, t]);
  return (
    <div className="relative min-h-0">
      <section
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable to be scrolled with keys
        tabIndex={0}
        aria-label={t('thread.messages')}
        onScroll={notePlace}
        onKeyDown={onKeyDown}
        onFocus={focus.onFocus}
        className="flex h-full flex-col overflow-y-auto px-6 [overflow-anchor:none] focus-visible:-outline-offset-2 narrow:px-3"
      >
        <ol className="relative mt-auto w-full shrink-0" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]!;
            return (
              <li
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className="absolute top-0 left-0 w-full"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row.newDay && <DayLine at={row.message.sentAt} language={language} />}
                {row.newMessages && <NewMessagesLine />}
                {isNotice(row.message) ? (
                  <NoticeRow message={row.message} tabStop={row.message.id === focus.stop} />
                ) : (
                  <Bubble
                    row={row}
                    author={authors[row.message.direction]}
                    noteToSelf={noteToSelf}
                    marked={row.message.id === marked}
                    tabStop={row.message.id === focus.stop}
                  />
                )}
              </li>
            );
          })}
        </ol>
      </section>
      {loadingOlder && (
        <p className="fade absolute inset-x-0 top-2 mx-auto w-fit rounded-full border border-line bg-surface px-3 py-1 text-s text-soft">
          {t('thread.older')}
        </p>
      )}
      {settled && (!atEnd || !atNewest) && (
        <button
          type="button"
          aria-label={t('thread.toEnd')}
          title={t('thread.toEnd')}
          onClick={onToEnd}
          className="fade absolute right-5 bottom-4 grid size-10 place-items-center rounded-full border border-line bg-surface text-soft shadow-sheet hover:text-ink"
        >
          <ArrowDown aria-hidden="true" className="size-5" strokeWidth={1.75} />
        </button>
      )}
    </div>
  );
}

function DayLine({ at, language }: { at: number; language: string }) {
  const { t } = useTranslation();
  const days = daysAgo(at);
  const name = days === 0 ? t('thread.today') : days === 1 ? t('thread.yesterday') : dayName(at, language);
  return <p className="pt-4 pb-1 text-center text-s text-faint">{name}</p>;
}

function NewMessagesLine() {
  const { t } = useTranslation();
  return (
    <p className="flex items-center gap-3 pt-3 text-s font-[550] text-accent before:h-px before:flex-1 before:bg-current before:opacity-30 after:h-px after:flex-1 after:bg-current after:opacity-30">
      {t('thread.newMessages')}
    </p>
  );
}

/** Near enough for the scroll bar; a row is measured once it is seen. */
function estimateHeight({ message, first, newDay, newMessages }: Row): number {
  const lines = message.body.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 48)), 0);
  const files =
    message.attachments.length === 0 ? 0 : message.attachments.some(({ width }) => width !== null) ? 220 : 48;
  const extras = files + (message.quote === null ? 0 : 54) + (message.reactions.length === 0 ? 0 : 22);
  return 18 + lines * 20 + extras + (first ? 14 : 4) + (newDay ? 38 : 0) + (newMessages ? 30 : 0);
}
