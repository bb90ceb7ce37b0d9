import { UserRoundPlus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { Avatar } from '../../parts/avatar.tsx';
import { shortDate } from '../../parts/times.ts';
import { useDisplayName } from './display-name.ts';

interface ChatRowProps {
  readonly conversation: Conversation;
  readonly current: boolean;
  readonly tabIndex: number;
  readonly onChoose: () => void;
}

/** One line of the chat list: who, the last words, when, and how many are unread. */
export function ChatRow({ conversation, current, tabIndex, onChoose }: ChatRowProps) {
  const { t, i18n } = useTranslation();
  const { id, name, isNoteToSelf, isRequest, unread, lastMessage } = conversation;
  return (
    <button
      type="button"
      data-stop={id}
      tabIndex={tabIndex}
      aria-current={current ? 'true' : undefined}
      onClick={onChoose}
      className="grid w-full grid-cols-[44px_1fr_auto] items-center gap-x-3 rounded-m px-2 py-2.5 text-left transition-colors hover:bg-[color-mix(in_srgb,var(--surface)_60%,transparent)] focus-visible:-outline-offset-2 aria-[current]:bg-surface aria-[current]:shadow-sheet"
    >
      <Avatar id={id} name={name} noteToSelf={isNoteToSelf} />
      <span className="min-w-0">
        <span className="flex items-center gap-1.5">
          <bdi className="truncate font-semibold">{useDisplayName()(conversation)}</bdi>
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
        {unread > 0 && (
          <span className="mt-1 ml-auto grid h-5 w-max min-w-5 place-items-center rounded-[10px] bg-accent px-1.5 text-xs font-[650] text-on-accent">
            <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
            <span className="sr-only">{t('chats.unread', { count: unread })}</span>
          </span>
        )}
      </span>
    </button>
  );
}

function LastWords({ conversation: { isNoteToSelf, lastMessage } }: { conversation: Conversation }) {
  const { t } = useTranslation();
  if (lastMessage === null) return t(isNoteToSelf ? 'chats.noteToSelfHint' : 'chats.nothingYet');
  if (lastMessage.delivery === 'failed') return t('chats.failed', { body: lastMessage.body });
  if (lastMessage.direction === 'out' && !isNoteToSelf) return t('chats.you', { body: lastMessage.body });
  return lastMessage.body;
}
