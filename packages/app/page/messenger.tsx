import { MessageSquare, QrCode, Settings as SettingsIcon, UsersRound, Waypoints } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount, useConversations } from './engine/queries.ts';
import { Chats } from './features/chats/chats.tsx';
import { ContactsPage } from './features/contacts/contacts-page.tsx';
import { DevicesPage } from './features/devices/devices-page.tsx';
import { NetworkPage } from './features/network/network-page.tsx';
import { NewConversation } from './features/new-conversation/new-conversation.tsx';
import { OwnId } from './features/new-conversation/own-id.tsx';
import { Notifier } from './features/notifications/notifier.tsx';
import { PhraseSetup } from './features/recovery-phrase/phrase-setup.tsx';
import { RoutePage } from './features/route/route-page.tsx';
import { Settings } from './features/settings/settings.tsx';
import { Announcer } from './features/thread/announcer.tsx';
import { NoThread } from './features/thread/no-thread.tsx';
import { Thread, type ThreadTarget } from './features/thread/thread.tsx';
import { Avatar } from './parts/avatar.tsx';
import { Mark } from './parts/mark.tsx';
import { NARROW, useMedia } from './parts/media.ts';

/** Where one is; the last two are led to from others. */
type View = 'chats' | 'contacts' | 'route' | 'settings' | 'devices' | 'network';
type Place = Exclude<View, 'devices' | 'network'>;

type Above = 'new' | 'own-id' | 'phrase' | null;

/**
 * The messenger: rail, list, thread. Where a person is stays in memory and never in the address,
 * so that the browser's history tells nobody who they write to.
 */
export function Messenger() {
  const { t } = useTranslation();
  const narrow = useMedia(NARROW);
  const [place, setPlace] = useState<Place>('chats');
  const [below, setBelow] = useState<Exclude<View, Place> | null>(null);
  const view = below ?? place;
  const setView = (next: Place) => {
    setPlace(next);
    setBelow(null);
  };
  const back = () => {
    if (below !== null) {
      setBelow(null);
      return focusNext(`[data-leads="${below}"]`);
    }
    setPlace('chats');
    // An open thread takes the focus itself.
    if (current === null) focusNext('[data-stop][tabindex="0"]');
  };
  const [current, setCurrent] = useState<string | null>(null);
  const [target, setTarget] = useState<ThreadTarget | null>(null);
  const [above, setAbove] = useState<Above>(null);
  useTitle();
  const choose = (conversationId: string, messageId?: string) => {
    setView('chats');
    setCurrent(conversationId);
    setTarget(messageId === undefined ? null : { messageId });
    setAbove(null);
  };
  const leaveGone = (conversationId: string) => {
    setCurrent((known) => (known === conversationId ? null : known));
    // What was pressed is gone with the conversation.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) focusNext('[data-stop][tabindex="0"]');
    });
  };
  const leaveThread = () => {
    const left = current;
    if (narrow) setCurrent(null);
    focusNext(`[data-stop="${left}"]`);
  };
  if (above === 'phrase') return <PhraseSetup onDone={() => setAbove(null)} />;
  const inThread = view === 'chats' && current !== null;
  const chats = (
    <Chats
      current={current}
      onChoose={choose}
      onGone={leaveGone}
      onNew={() => setAbove('new')}
      onOwnId={() => setAbove('own-id')}
      onRoute={() => setView('route')}
      onPhrase={() => setAbove('phrase')}
      onSettings={() => setView('settings')}
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
        {!(narrow && inThread) && <Rail place={place} onPlace={setView} onOwnId={() => setAbove('own-id')} />}
        {view === 'chats' ? (
          <div className="grid min-h-0 grid-cols-[332px_minmax(0,1fr)] max-[900px]:grid-cols-[280px_minmax(0,1fr)] narrow:order-first narrow:grid-cols-1">
            {!(narrow && inThread) && chats}
            {!(narrow && !inThread) && (
              <main id="main" tabIndex={-1} className="min-h-0 min-w-0 outline-none">
                {current === null ? (
                  <NoThread onNew={() => setAbove('new')} onOwnId={() => setAbove('own-id')} />
                ) : (
                  <Thread
                    key={current}
                    conversationId={current}
                    target={target}
                    onLeave={leaveThread}
                    onGone={() => leaveGone(current)}
                  />
                )}
              </main>
            )}
          </div>
        ) : (
          <main
            id="main"
            tabIndex={-1}
            onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && back()}
            className="min-h-0 min-w-0 outline-none narrow:order-first"
          >
            {view === 'contacts' && <ContactsPage onChoose={choose} onNew={() => setAbove('new')} />}
            {view === 'route' && <RoutePage onNetwork={() => setBelow('network')} />}
            {view === 'network' && <NetworkPage onBack={back} />}
            {view === 'settings' && (
              <Settings
                onDevices={() => setBelow('devices')}
                onNetwork={() => setBelow('network')}
                onContactLink={() => setAbove('own-id')}
              />
            )}
            {view === 'devices' && <DevicesPage onBack={back} />}
          </main>
        )}
      </div>
      {above === 'new' && <NewConversation onOpened={choose} onClose={() => setAbove(null)} />}
      {above === 'own-id' && <OwnId onClose={() => setAbove(null)} />}
      <Announcer current={inThread ? current : null} />
      <Notifier onOpen={choose} />
    </>
  );
}

/** Gives the focus to what comes back with the next frame. */
function focusNext(selector: string): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(selector)?.focus();
  });
}

interface RailProps {
  readonly place: Place;
  readonly onPlace: (place: Place) => void;
  readonly onOwnId: () => void;
}

function Rail({ place, onPlace, onOwnId }: RailProps) {
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
        current={place === 'chats'}
        onClick={() => onPlace('chats')}
      >
        <MessageSquare {...icon} />
        {unread > 0 && (
          <span
            aria-hidden="true"
            className="absolute top-1.5 right-1.5 grid h-4 min-w-4 place-items-center rounded-[8px] bg-accent px-1 text-[10px] font-[650] text-on-accent forced-color-adjust-none"
          >
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </RailButton>
      <RailButton label={t('nav.contacts')} current={place === 'contacts'} onClick={() => onPlace('contacts')}>
        <UsersRound {...icon} />
      </RailButton>
      <RailButton label={t('nav.ownId')} onClick={onOwnId}>
        <QrCode {...icon} />
      </RailButton>
      <RailButton label={t('nav.route')} current={place === 'route'} onClick={() => onPlace('route')}>
        <Waypoints {...icon} />
      </RailButton>
      <span className="flex-1 narrow:hidden" />
      <RailButton label={t('nav.settings')} current={place === 'settings'} onClick={() => onPlace('settings')}>
        <SettingsIcon {...icon} />
      </RailButton>
      {account !== undefined && (
        <span title={account.name} className="py-2 narrow:hidden">
          <Avatar id={account.accountId} name={account.name} picture={account.pictureVersion} size="s" />
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
      title={label}
      aria-current={current ? 'page' : undefined}
      onClick={onClick}
      className="relative grid size-11 place-items-center rounded-m text-soft transition-colors hover:text-ink aria-[current]:bg-accent-soft aria-[current]:text-accent"
    >
      <span className="sr-only">{label}</span>
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
