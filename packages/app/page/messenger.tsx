import { MessageSquare, QrCode, Settings as SettingsIcon, Waypoints } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount, useConversations } from './engine/queries.ts';
import { Chats } from './features/chats/chats.tsx';
import { NewConversation } from './features/new-conversation/new-conversation.tsx';
import { OwnId } from './features/new-conversation/own-id.tsx';
import { PhraseSetup } from './features/recovery-phrase/phrase-setup.tsx';
import { RoutePage } from './features/route/route-page.tsx';
import { Settings } from './features/settings/settings.tsx';
import { Announcer } from './features/thread/announcer.tsx';
import { NoThread } from './features/thread/no-thread.tsx';
import { Thread } from './features/thread/thread.tsx';
import { Avatar } from './parts/avatar.tsx';
import { Mark } from './parts/mark.tsx';
import { NARROW, useMedia } from './parts/media.ts';

type View = 'chats' | 'route' | 'settings';
type Above = 'new' | 'own-id' | 'phrase' | null;

/**
 * The messenger: rail, list, thread. Where a person is stays in memory and never in the address,
 * so that the browser's history tells nobody who they write to.
 */
export function Messenger() {
  const { t } = useTranslation();
  const narrow = useMedia(NARROW);
  const [view, setView] = useState<View>('chats');
  const [current, setCurrent] = useState<string | null>(null);
  const [above, setAbove] = useState<Above>(null);
  useTitle();
  const choose = (conversationId: string) => {
    setView('chats');
    setCurrent(conversationId);
    setAbove(null);
  };
  const leaveThread = () => {
    const left = current;
    if (narrow) setCurrent(null);
    // The list may have to come back before it can take the focus.
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>(`[data-stop="${left}"]`)?.focus();
    });
  };
  if (above === 'phrase') return <PhraseSetup onDone={() => setAbove(null)} />;
  const inThread = view === 'chats' && current !== null;
  const chats = (
    <Chats
      current={current}
      onChoose={choose}
      onNew={() => setAbove('new')}
      onOwnId={() => setAbove('own-id')}
      onRoute={() => setView('route')}
      onPhrase={() => setAbove('phrase')}
    />
  );
  return (
    <>
      <button
        type="button"
        className="sr-only z-40 rounded-m bg-accent px-4 py-2 font-semibold text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
        onClick={() => document.getElementById('main')?.focus()}
      >
        {t('app.skip')}
      </button>
      <div className="grid h-full grid-cols-[68px_minmax(0,1fr)] narrow:grid-cols-1 narrow:grid-rows-[minmax(0,1fr)_auto]">
        {!(narrow && inThread) && <Rail view={view} onView={setView} onOwnId={() => setAbove('own-id')} />}
        {view === 'chats' ? (
          <div className="grid min-h-0 grid-cols-[332px_minmax(0,1fr)] max-[900px]:grid-cols-[280px_minmax(0,1fr)] narrow:order-first narrow:grid-cols-1">
            {!(narrow && inThread) && chats}
            {!(narrow && !inThread) && (
              <main id="main" tabIndex={-1} className="min-h-0 min-w-0 outline-none">
                {current === null ? (
                  <NoThread onNew={() => setAbove('new')} onOwnId={() => setAbove('own-id')} />
                ) : (
                  <Thread key={current} conversationId={current} onLeave={leaveThread} />
                )}
              </main>
            )}
          </div>
        ) : (
          <main
            id="main"
            tabIndex={-1}
            onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && setView('chats')}
            className="min-h-0 min-w-0 outline-none narrow:order-first"
          >
            {view === 'route' ? <RoutePage /> : <Settings />}
          </main>
        )}
      </div>
      {above === 'new' && <NewConversation onOpened={choose} onClose={() => setAbove(null)} />}
      {above === 'own-id' && <OwnId onClose={() => setAbove(null)} />}
      <Announcer current={inThread ? current : null} />
    </>
  );
}

interface RailProps {
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onOwnId: () => void;
}

function Rail({ view, onView, onOwnId }: RailProps) {
  const { t } = useTranslation();
  const account = useAccount();
  const unread = useUnread();
  const icon = { className: 'size-5', strokeWidth: 1.75, 'aria-hidden': true } as const;
  return (
    <nav
      aria-label={t('nav.label')}
      className="flex flex-col items-center gap-2 border-r border-line py-4 narrow:flex-row narrow:justify-around narrow:border-t narrow:border-r-0 narrow:px-2 narrow:py-1.5"
    >
      <span className="mb-3 narrow:hidden">
        <Mark />
      </span>
      <RailButton
        label={unread > 0 ? `${t('nav.chats')}, ${t('nav.unread', { count: unread })}` : t('nav.chats')}
        current={view === 'chats'}
        onClick={() => onView('chats')}
      >
        <MessageSquare {...icon} />
        {unread > 0 && (
          <span className="absolute top-1.5 right-1.5 grid h-4 min-w-4 place-items-center rounded-[8px] bg-accent px-1 text-[10px] font-[650] text-on-accent">
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </RailButton>
      <RailButton label={t('nav.ownId')} onClick={onOwnId}>
        <QrCode {...icon} />
      </RailButton>
      <RailButton label={t('nav.route')} current={view === 'route'} onClick={() => onView('route')}>
        <Waypoints {...icon} />
      </RailButton>
      <span className="flex-1 narrow:hidden" />
      <RailButton label={t('nav.settings')} current={view === 'settings'} onClick={() => onView('settings')}>
        <SettingsIcon {...icon} />
      </RailButton>
      {account !== undefined && (
        <span title={account.name} className="py-2 narrow:hidden">
          <Avatar id={account.accountId} name={account.name} size="s" />
        </span>
      )}
    </nav>
  );
}

interface RailButtonProps {
  readonly label: string;
  readonly current?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function RailButton({ label, current = false, onClick, children }: RailButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-current={current ? 'page' : undefined}
      onClick={onClick}
      className="relative grid size-11 place-items-center rounded-m text-soft transition-colors hover:text-ink aria-[current]:bg-accent-soft aria-[current]:text-accent"
    >
      {children}
    </button>
  );
}

function useUnread(): number {
  return (useConversations() ?? []).reduce((sum, conversation) => sum + conversation.unread, 0);
}

/** The window's title says whose messenger it is and how much is unread. */
function useTitle(): void {
  const { t } = useTranslation();
  const unread = useUnread();
  const name = useAccount()?.name;
  useEffect(() => {
    if (name === undefined) return;
    const own = name === '' ? t('app.name') : t('app.title', { name });
    document.title = unread > 0 ? t('app.titleUnread', { count: unread, title: own }) : own;
  }, [t, unread, name]);
}
