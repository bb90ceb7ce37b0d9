import { AtSign, Ban, BellOff, MoreVertical, Pin, Timer, UserRoundPlus } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { Avatar } from '../../parts/avatar.tsx';
import { shortDate } from '../../parts/times.ts';
import { useDisplayName } from './display-name.ts';
import { LastWords } from './last-words.tsx';
import { isQuiet, isUnread } from './use-chats.ts';

interface ChatRowProps {
  readonly conversation: Conversation;
  readonly current: boolean;
  readonly tabIndex: number;
  readonly onChoose: () => void;
  readonly onMenu: (place: { readonly x: number; readonly y: number }, anchor: HTMLElement | null) => void;
}

/** One line of the chat list: who, the last words, when, and how many are unread. */
export function ChatRow({ conversation, current, tabIndex, onChoose, onMenu }: ChatRowProps) {
  const { t, i18n } = useTranslation();
  const { id, isNoteToSelf, isRequest, lastMessage } = conversation;
  const name = useDisplayName()(conversation);
  const row = useRef<HTMLButtonElement>(null);
  const openMenu = (x: number, y: number) => onMenu({ x, y }, row.current);
  return (
    <div className="group relative">
      <button
        ref={row}
        type="button"
        data-stop={id}
        tabIndex={tabIndex}
        aria-current={current ? 'true' : undefined}
        onClick={onChoose}
        onContextMenu={(event) => {
          event.preventDefault();
          openMenu(event.clientX, event.clientY);
        }}
        className="grid w-full grid-cols-[44px_1fr_auto] items-center gap-x-3 rounded-m px-2 py-2.5 text-left transition-colors hover:bg-[color-mix(in_srgb,var(--surface)_60%,transparent)] focus-visible:-outline-offset-2 aria-[current]:bg-surface aria-[current]:shadow-sheet"
      >
        <Avatar id={id} name={conversation.name} picture={conversation.pictureVersion} noteToSelf={isNoteToSelf} />
        <span className="min-w-0">
          <span className="flex items-center gap-1.5">
            <bdi className="truncate font-semibold">{name}</bdi>
            <Signs conversation={conversation} />
            {isRequest && (
              <span className="flex shrink-0 items-center gap-1 rounded-full bg-accent-soft px-1.5 text-xs font-semibold text-accent">
                <UserRoundPlus aria-hidden="true" className="size-3" strokeWidth={2} />
                {t('chats.wroteFirst')}
              </span>
            )}
          </span>
          <bdi className={`block truncate ${lastMessage?.delivery === 'failed' ? 'text-danger' : 'text-soft'}`}>
            <LastWords conversation={conversation} />
          </bdi>
        </span>
        <span className="self-stretch text-right">
          {lastMessage !== null && (
            <span className="block text-s leading-5 text-faint">{shortDate(lastMessage.sentAt, i18n.language)}</span>
          )}
          <Unread conversation={conversation} />
        </span>
      </button>
      <button
        type="button"
        tabIndex={-1}
        aria-label={t('chats.menu', { name })}
        onClick={({ clientX, clientY }) => openMenu(clientX, clientY)}
        className="absolute right-1 bottom-1 grid size-7 place-items-center rounded-s bg-surface text-soft opacity-0 shadow-sheet group-hover:opacity-100 hover:text-ink focus-visible:opacity-100 [@media(hover:none)]:hidden"
      >
        <MoreVertical aria-hidden="true" className="size-4" strokeWidth={1.75} />
      </button>
    </div>
  );
}

/** What was chosen for a conversation, as small pictures. */
function Signs({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const icon = { 'aria-hidden': true, className: 'size-3.5', strokeWidth: 1.75 } as const;
  return (
    <>
      {conversation.isPinned && (
        <Sign label={t('chats.pinned')}>
          <Pin {...icon} />
        </Sign>
      )}
      {conversation.disappearing !== null && (
        <Sign label={t('chats.disappearing')}>
          <Timer {...icon} />
        </Sign>
      )}
      {isQuiet(conversation) && (
        <Sign label={t('chats.muted')}>
          <BellOff {...icon} />
        </Sign>
      )}
      {conversation.isBlocked && (
        <Sign label={t('chats.blocked')}>
          <Ban {...icon} />
        </Sign>
      )}
    </>
  );
}

function Sign({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span title={label} className="shrink-0 text-faint">
      {children}
      <span className="sr-only">{label}</span>
    </span>
  );
}

function Unread({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { unread, unreadMentions } = conversation;
  if (!isUnread(conversation)) return null;
  const look = isQuiet(conversation) ? 'bg-line text-soft' : 'bg-accent text-on-accent forced-color-adjust-none';
  return (
    <span className="mt-1 flex items-center justify-end gap-1">
      {unreadMentions > 0 && (
        <span title={t('chats.mentioned')} className="text-accent">
          <AtSign aria-hidden="true" className="size-4" strokeWidth={2} />
          <span className="sr-only">{t('chats.mentioned')}</span>
        </span>
      )}
      {unread > 0 ? (
        <span className={`grid h-5 w-max min-w-5 place-items-center rounded-[10px] px-1.5 text-xs font-[650] ${look}`}>
          <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
          <span className="sr-only">{t('chats.unread', { count: unread })}</span>
        </span>
      ) : (
        <span className={`size-3 rounded-full border border-transparent ${look}`}>
          <span className="sr-only">{t('chats.markedUnread')}</span>
        </span>
      )}
    </span>
  );
}
