import { ChevronDown, ChevronUp, Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../parts/button.tsx';
import { useSearch } from '../search/use-search.ts';

interface ThreadSearchProps {
  readonly conversationId: string;
  readonly onJump: (messageId: string) => void;
  readonly onClose: () => void;
}

/** Looks for words in one conversation; arrows lead from one place to the next older or newer. */
export function ThreadSearch({ conversationId, onJump, onClose }: ThreadSearchProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const { hits, searching } = useSearch({ text: typed, conversationId });
  const found = hits ?? [];
  const shown = found[at]?.message.id;
  // Newest first, as the engine gives them.
  useEffect(() => {
    if (shown !== undefined) onJump(shown);
  }, [shown, onJump]);
  const go = (step: number) => setAt(Math.min(Math.max(0, at + step), Math.max(0, found.length - 1)));
  return (
    <search
      className="flex items-center gap-1 border-t border-line px-6 py-1.5 narrow:px-3"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onClose();
      }}
    >
      <Search aria-hidden="true" className="size-4 shrink-0 text-faint" strokeWidth={1.75} />
      <input
        type="search"
        // biome-ignore lint/a11y/noAutofocus: whoever opens the search wants to type
        autoFocus
        aria-label={t('search.here')}
        placeholder={t('search.here')}
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = { Enter: event.shiftKey ? -1 : 1, ArrowUp: 1, ArrowDown: -1 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          go(step);
        }}
        autoComplete="off"
        className="min-w-0 flex-1 bg-transparent px-2 py-1.5 outline-none [&::-webkit-search-cancel-button]:hidden"
      />
      <p role="status" className="shrink-0 text-s text-faint">
        {hits !== null &&
          !searching &&
          (found.length === 0 ? t('search.none') : t('search.place', { at: at + 1, of: found.length }))}
      </p>
      <IconButton label={t('search.older')} disabled={at >= found.length - 1} onClick={() => go(1)}>
        <ChevronUp className="size-5" strokeWidth={1.75} />
      </IconButton>
      <IconButton label={t('search.newer')} disabled={at === 0} onClick={() => go(-1)}>
        <ChevronDown className="size-5" strokeWidth={1.75} />
      </IconButton>
      <IconButton label={t('search.close')} onClick={onClose}>
        <X className="size-5" strokeWidth={1.75} />
      </IconButton>
    </search>
  );
}
