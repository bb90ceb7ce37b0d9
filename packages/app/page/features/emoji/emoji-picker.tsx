import { Search } from 'lucide-react';
import { type KeyboardEvent, lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { noteEmoji } from './recent-emoji.ts';

// The list is large and seldom needed.
const EmojiGrid = lazy(() => import('./emoji-grid.tsx'));

/** Chooses an emoji: by category, by name, or one that was used before. Arrows move, Enter picks. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const frame = useRef<HTMLDivElement>(null);
  const pick = (emoji: string) => {
    noteEmoji(emoji);
    onPick(emoji);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(frame.current?.querySelectorAll<HTMLElement>('[data-emoji]') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const row = columnsOf(all);
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row };
    const step = steps[event.key];
    if (step === undefined || (at < 0 && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    if (at + step < 0) return frame.current?.querySelector('input')?.focus();
    all[at < 0 ? 0 : Math.min(at + step, all.length - 1)]?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows lead from the field into the list
    <div
      ref={frame}
      onKeyDown={onKeyDown}
      className="grid h-80 w-80 max-w-[calc(100vw-24px)] grid-rows-[auto_minmax(0,1fr)]"
    >
      <div className="m-2 flex items-center gap-2 rounded-m border border-line bg-sunk px-2.5 focus-within:border-accent">
        <Search aria-hidden="true" className="size-4 text-faint" strokeWidth={1.75} />
        <input
          type="search"
          // biome-ignore lint/a11y/noAutofocus: whoever opens the picker wants to choose
          autoFocus
          aria-label={t('emoji.search')}
          placeholder={t('emoji.search')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            frame.current?.querySelector<HTMLElement>('[data-emoji]')?.click();
          }}
          autoComplete="off"
          className="min-w-0 flex-1 bg-transparent py-1.5 outline-none"
        />
      </div>
      <Suspense fallback={<div aria-busy="true" />}>
        <EmojiGrid typed={typed} onPick={pick} />
      </Suspense>
    </div>
  );
}

/** How many stand in a row: those as high as the first. */
function columnsOf(all: readonly HTMLElement[]): number {
  const top = all[0]?.offsetTop;
  const row = all.findIndex(({ offsetTop }) => offsetTop !== top);
  return row > 0 ? row : Math.max(1, all.length);
}
