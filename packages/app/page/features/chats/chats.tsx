import { Plus } from 'lucide-react';
import { ToggleGroup } from 'radix-ui';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { AccountNotices } from '../account/account-notices.tsx';
import { PhraseBanner } from '../recovery-phrase/phrase-banner.tsx';
import { PathPill } from '../route/path-pill.tsx';
import { SearchFilterFields } from '../search/search-filter-fields.tsx';
import { NO_FILTERS, wantedOf } from '../search/search-filters.ts';
import { SearchResults } from '../search/search-results.tsx';
import { ChatRow } from './chat-row.tsx';
import { useDisplayName } from './display-name.ts';
import { Notices } from './notices.tsx';
import { SearchBox } from './search-box.tsx';
import { useChatMenu } from './use-chat-menu.tsx';
import { type Filter, passes, useChats } from './use-chats.ts';
import { useRovingFocus } from './use-roving-focus.ts';

interface ChatsProps {
  readonly current: string | null;
  /** Opens a conversation, at a message if one was looked for. */
  readonly onChoose: (conversationId: string, messageId?: string) => void;
  /** A conversation was deleted. */
  readonly onGone: (conversationId: string) => void;
  readonly onNew: () => void;
  readonly onOwnId: () => void;
  readonly onRoute: () => void;
  readonly onPhrase: () => void;
  readonly onSettings: () => void;
}

/** The list of conversations, with what to search and show, and the state of the route below it. */
export function Chats({ current, onChoose, onGone, onNew, onOwnId, onRoute, onPhrase, onSettings }: ChatsProps) {
  const { t } = useTranslation();
  const conversations = useChats();
  const displayName = useDisplayName();
  const [query, setQuery] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const [narrowing, setNarrowing] = useState(false);
  const [filters, setFilters] = useState(NO_FILTERS);
  const list = useRef<HTMLUListElement>(null);
  const roving = useRovingFocus(list, current);
  const menu = useChatMenu(onGone);
  const searching = query.trim() !== '';
  const inForce = countOf(conversations, filter) === 0 && filter !== 'unread' ? 'all' : filter;
  const shown = (conversations ?? [])
    // Who looks for somebody finds them wherever they are.
    .filter((conversation) => searching || passes(conversation, inForce))
    .filter((conversation) => matches(query, displayName(conversation), conversation.id));
  const people = conversations?.filter((conversation) => !conversation.isNoteToSelf).length ?? 0;
  return (
    <section
      aria-label={t('chats.title')}
      className="flex min-h-0 min-w-0 flex-col border-r border-line narrow:border-r-0 short:overflow-y-auto"
    >
      <header className="flex items-center justify-between px-4 pt-4 pb-2">
        <h1>{t('chats.title')}</h1>
        <IconButton label={t('chats.new')} solid onClick={onNew}>
          <Plus className="size-5" strokeWidth={1.75} />
        </IconButton>
      </header>
      <SearchBox
        query={query}
        filtersOpen={narrowing}
        onChange={setQuery}
        onFilters={() => setNarrowing(!narrowing)}
        onDown={() => list.current?.querySelector('button')?.focus()}
      />
      {searching && narrowing && <SearchFilterFields filters={filters} onChange={setFilters} />}
      {!searching && <FilterChips filter={inForce} conversations={conversations} onChange={setFilter} />}
      <Notices />
      {!searching && (
        <>
          <AccountNotices onSettings={onSettings} />
          <PhraseBanner onOpen={onPhrase} />
        </>
      )}
      <p role="alert" className="px-4 text-ms text-danger empty:hidden">
        {menu.problem}
      </p>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-2 short:flex-none short:overflow-visible">
        <ul ref={list} aria-label={t('chats.list')} {...roving.list}>
          {shown.map((conversation, position) => (
            <li key={conversation.id}>
              <ChatRow
                conversation={conversation}
                current={conversation.id === current}
                tabIndex={roving.tabIndex(conversation.id, position)}
                onChoose={() => onChoose(conversation.id)}
                onMenu={(place, anchor) => menu.openMenu(conversation, place, anchor)}
              />
            </li>
          ))}
        </ul>
        {conversations !== null && shown.length === 0 && !searching && (
          <p className="px-4 py-6 text-center text-soft">{t('chats.noneUnread')}</p>
        )}
        {searching && (
          <SearchResults
            wanted={wantedOf(query, narrowing ? filters : NO_FILTERS)}
            alone={shown.length === 0}
            onChoose={onChoose}
          />
        )}
        {conversations !== null && people === 0 && query === '' && inForce === 'all' && (
          <EmptyChats onNew={onNew} onOwnId={onOwnId} />
        )}
      </div>
      <PathPill onOpen={onRoute} />
      {menu.shown}
    </section>
  );
}

function countOf(conversations: readonly Conversation[] | null, filter: Filter): number {
  return conversations?.filter((conversation) => passes(conversation, filter)).length ?? 0;
}

function matches(query: string, name: string, id: string): boolean {
  const wanted = query.trim().toLocaleLowerCase();
  return name.toLocaleLowerCase().includes(wanted) || id.startsWith(wanted);
}

interface FilterChipsProps {
  readonly filter: Filter;
  readonly conversations: readonly Conversation[] | null;
  readonly onChange: (filter: Filter) => void;
}

/** Requests and the archive are offered while something is in them. */
function FilterChips({ filter, conversations, onChange }: FilterChipsProps) {
  const { t } = useTranslation();
  const counts = { requests: countOf(conversations, 'requests'), archived: countOf(conversations, 'archived') };
  const filters: readonly Filter[] = [
    'all',
    'unread',
    ...(['requests', 'archived'] as const).filter((each) => counts[each] > 0),
  ];
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={t('chats.filters')}
      value={filter}
      onValueChange={(value) => value !== '' && onChange(value as Filter)}
      className="flex shrink-0 gap-1.5 overflow-x-auto px-4 pt-1 pb-3"
    >
      {filters.map((each) => (
        <ToggleGroup.Item
          key={each}
          value={each}
          className="shrink-0 rounded-full border border-line px-2.5 py-1 text-s font-[550] text-soft transition-colors hover:text-ink data-[state=on]:border-transparent data-[state=on]:bg-accent-soft data-[state=on]:text-accent"
        >
          {t(`chats.filter.${each}`)}
          {(each === 'requests' || each === 'archived') && ` · ${counts[each]}`}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

function EmptyChats({ onNew, onOwnId }: { onNew: () => void; onOwnId: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="mx-2 mt-3 rounded-l border border-dashed border-line px-4 py-5 text-center">
      <h2 className="font-semibold">{t('chats.emptyTitle')}</h2>
      <p className="mt-1 text-balance text-soft">{t('chats.emptyText')}</p>
      <div className="mt-4 grid gap-2">
        <Button small look="primary" onClick={onOwnId}>
          {t('chats.emptyShare')}
        </Button>
        <Button small onClick={onNew}>
          {t('chats.emptyStart')}
        </Button>
      </div>
    </div>
  );
}
