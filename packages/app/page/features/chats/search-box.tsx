import { Search, SlidersHorizontal, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../parts/button.tsx';

interface SearchBoxProps {
  readonly query: string;
  readonly filtersOpen: boolean;
  readonly onChange: (query: string) => void;
  readonly onFilters: () => void;
  readonly onDown: () => void;
}

/** Where one says what to look for in the list and in all messages. */
export function SearchBox({ query, filtersOpen, onChange, onFilters, onDown }: SearchBoxProps) {
  const { t } = useTranslation();
  return (
    <div className="mx-4 mt-1 mb-3 flex items-center gap-2 rounded-m border border-line bg-surface px-3 transition-shadow focus-within:border-accent focus-within:shadow-[0_0_0_3px_var(--accent-soft)]">
      <Search aria-hidden="true" className="size-5 shrink-0 text-faint" strokeWidth={1.75} />
      <input
        type="search"
        aria-label={t('chats.search')}
        placeholder={t('chats.search')}
        value={query}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            onDown();
          }
          if (event.key === 'Escape') onChange('');
        }}
        autoComplete="off"
        spellCheck={false}
        className="min-w-0 flex-1 bg-transparent py-2 outline-none [&::-webkit-search-cancel-button]:hidden"
      />
      {query !== '' && (
        <>
          <IconButton
            label={t('search.filters')}
            aria-expanded={filtersOpen}
            className="size-7! aria-expanded:text-accent!"
            onClick={onFilters}
          >
            <SlidersHorizontal className="size-4" strokeWidth={1.75} />
          </IconButton>
          <IconButton label={t('chats.clearSearch')} className="-mr-1.5 size-7!" onClick={() => onChange('')}>
            <X className="size-4" strokeWidth={1.75} />
          </IconButton>
        </>
      )}
    </div>
  );
}
