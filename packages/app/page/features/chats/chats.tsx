import { Plus, Search, X } from 'lucide-react';
import { ToggleGroup } from 'radix-ui';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { useAccount, useConversations } from '../../engine/queries.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { PhraseBanner } from '../recovery-phrase/phrase-banner.tsx';
import { PathPill } from '../route/path-pill.tsx';
import { ChatRow } from './chat-row.tsx';
import { useDisplayName } from './display-name.ts';
import { Notices } from './notices.tsx';
import { useRovingFocus } from './use-roving-focus.ts';

type Filter = 'all' | 'unread' | 'requests';

interface ChatsProps {
  readonly current: string | null;
  readonly onChoose: (conversationId: string) => void;
  readonly onNew: () => void;
  readonly onOwnId: () => void;
  readonly onRoute: () => void;
  readonly onPhrase: () => void;
}

/** The list of conversations, with what to search and show, and the state of the route below it. */
export function Chats({ current, onChoose, onNew, onOwnId, onRoute, onPhrase }: ChatsProps) {
  const { t } = useTranslation();
  const conversations = useChats();
  const displayName = useDisplayName();
  const [query, setQuery] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const list = useRef<HTMLUListElement>(null);
  const roving = useRovingFocus(list, current);
  const requests = conversations?.filter((conversation) => conversation.isRequest).length ?? 0;
  const inForce = filter === 'requests' && requests === 0 ? 'all' : filter;
  const shown = (conversations ?? [])
    .filter((conversation) => passes(conversation, inForce))
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
      <SearchBox query={query} onChange={setQuery} onDown={() => list.current?.querySelector('button')?.focus()} />
      <FilterChips filter={inForce} requests={requests} onChange={setFilter} />
      <Notices />
      <PhraseBanner onOpen={onPhrase} />
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-2 short:flex-none short:overflow-visible">
        <ul ref={list} aria-label={t('chats.list')} {...roving.list}>
          {shown.map((conversation, position) => (
            <li key={conversation.id}>
              <ChatRow
                conversation={conversation}
                current={conversation.id === current}
                tabIndex={roving.tabIndex(conversation.id, position)}
                onChoose={() => onChoose(conversation.id)}
              />
            </li>
          ))}
        </ul>
        {conversations !== null && shown.length === 0 && <NothingShown filter={inForce} query={query} />}
        {conversations !== null && people === 0 && query === '' && inForce === 'all' && (
          <EmptyChats onNew={onNew} onOwnId={onOwnId} />
        )}
      </div>
      <PathPill onOpen={onRoute} />
    </section>
  );
}

/** The engine's conversations; note to self stands at the end until it has a message. `null` while loading. */
function useChats(): readonly Conversation[] | null {
  const conversations = useConversations();
  const ownId = useAccount()?.accountId;
  return useMemo(() => {
    if (conversations === null || ownId === undefined) return null;
    const written = conversations.filter((conversation) => !conversation.isNoteToSelf || conversation.lastMessage);
    if (written.some((conversation) => conversation.isNoteToSelf)) return written;
    return [...written, emptyNoteToSelf(ownId)];
  }, [conversations, ownId]);
}

/** Note to self before anything was written there. */
export function emptyNoteToSelf(ownId: string): Conversation {
  return {
    id: ownId,
    name: null,
    isNoteToSelf: true,
    isRequest: false,
    unread: 0,
    lastMessage: null,
    lastActivityAt: 0,
  };
}

function passes(conversation: Conversation, filter: Filter): boolean {
  return filter === 'all' || (filter === 'unread' ? conversation.unread > 0 : conversation.isRequest);
}

function matches(query: string, name: string, id: string): boolean {
  const wanted = query.trim().toLocaleLowerCase();
  return name.toLocaleLowerCase().includes(wanted) || id.startsWith(wanted);
}

interface SearchBoxProps {
  readonly query: string;
  readonly onChange: (query: string) => void;
  readonly onDown: () => void;
}

function SearchBox({ query, onChange, onDown }: SearchBoxProps) {
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
        <IconButton label={t('chats.clearSearch')} className="-mr-1.5 size-7!" onClick={() => onChange('')}>
          <X className="size-4" strokeWidth={1.75} />
        </IconButton>
      )}
    </div>
  );
}

interface FilterChipsProps {
  readonly filter: Filter;
  readonly requests: number;
  readonly onChange: (filter: Filter) => void;
}

function FilterChips({ filter, requests, onChange }: FilterChipsProps) {
  const { t } = useTranslation();
  const filters: readonly Filter[] = requests > 0 ? ['all', 'unread', 'requests'] : ['all', 'unread'];
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={t('chats.filters')}
      value={filter}
      onValueChange={(value) => value !== '' && onChange(value as Filter)}
      className="flex gap-1.5 px-4 pb-3"
    >
      {filters.map((each) => (
        <ToggleGroup.Item
          key={each}
          value={each}
          className="rounded-full border border-line px-2.5 py-1 text-s font-[550] text-soft transition-colors hover:text-ink data-[state=on]:border-transparent data-[state=on]:bg-accent-soft data-[state=on]:text-accent"
        >
          {t(`chats.filter.${each}`)}
          {each === 'requests' && ` · ${requests}`}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

function NothingShown({ filter, query }: { filter: Filter; query: string }) {
  const { t } = useTranslation();
  const found = query.trim() === '' && filter !== 'all';
  return (
    <p className="px-4 py-6 text-center text-soft">
      {!found
        ? t('chats.noneFound', { query: query.trim() })
        : t(filter === 'unread' ? 'chats.noneUnread' : 'chats.noneRequests')}
    </p>
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
