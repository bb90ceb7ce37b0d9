import { useTranslation } from 'react-i18next';
import { useAccount, useConversations } from '../../engine/queries.ts';
import { useDisplayName } from '../chats/display-name.ts';
import type { SearchFilters } from './search-filters.ts';

const BOX = 'w-full rounded-s border border-line bg-surface px-2 py-1.5 text-ms';

interface SearchFilterFieldsProps {
  readonly filters: SearchFilters;
  readonly onChange: (filters: SearchFilters) => void;
}

/** The fields that narrow a search. */
export function SearchFilterFields({ filters, onChange }: SearchFilterFieldsProps) {
  const { t } = useTranslation();
  const displayName = useDisplayName();
  const ownId = useAccount()?.accountId ?? '';
  const people = (useConversations() ?? []).filter(({ isNoteToSelf }) => !isNoteToSelf);
  const set = (known: Partial<SearchFilters>) => onChange({ ...filters, ...known });
  return (
    <fieldset className="mx-4 mb-3 grid grid-cols-2 gap-2 text-s text-soft">
      <legend className="sr-only">{t('search.filters')}</legend>
      <label className="col-span-2">
        {t('search.by')}
        <select className={BOX} value={filters.author} onChange={({ target }) => set({ author: target.value })}>
          <option value="">{t('search.anybody')}</option>
          <option value={ownId}>{t('common.you')}</option>
          {people.map((person) => (
            <option key={person.id} value={person.id}>
              {displayName(person)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('search.from')}
        <input
          type="date"
          className={BOX}
          value={filters.from}
          max={filters.until}
          onChange={({ target }) => set({ from: target.value })}
        />
      </label>
      <label>
        {t('search.until')}
        <input
          type="date"
          className={BOX}
          value={filters.until}
          min={filters.from}
          onChange={({ target }) => set({ until: target.value })}
        />
      </label>
      <label className="col-span-2 flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={filters.hasAttachment}
          onChange={({ target }) => set({ hasAttachment: target.checked })}
        />
        {t('search.hasAttachment')}
      </label>
    </fieldset>
  );
}
