import { ArrowLeft, PanelRight, Search, Timer } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { Avatar } from '../../parts/avatar.tsx';
import { IconButton } from '../../parts/button.tsx';
import { useDuration } from '../../parts/durations.ts';
import { NARROW, useMedia } from '../../parts/media.ts';
import { shortId } from '../chats/display-name.ts';
import { Notices } from '../chats/notices.tsx';

interface ThreadHeaderProps {
  readonly conversation: Conversation;
  readonly name: string;
  readonly detailsOpen: boolean;
  readonly searchOpen: boolean;
  readonly onDetails: () => void;
  readonly onSearch: () => void;
  readonly onTimer: () => void;
  readonly onLeave: () => void;
}

/** Who the conversation is with, and what holds for it. */
export function ThreadHeader(props: ThreadHeaderProps) {
  const { conversation, name, detailsOpen, searchOpen, onDetails, onSearch, onTimer, onLeave } = props;
  const { t } = useTranslation();
  const duration = useDuration();
  const narrow = useMedia(NARROW);
  const { id, isNoteToSelf, disappearing } = conversation;
  const named = !isNoteToSelf && conversation.name !== null;
  return (
    <>
      <div className="flex items-center gap-3 px-6 py-3 narrow:gap-2 narrow:px-3">
        {narrow && (
          <IconButton label={t('common.back')} onClick={onLeave} className="-ml-1">
            <ArrowLeft className="size-5" strokeWidth={1.75} />
          </IconButton>
        )}
        <Avatar id={id} name={conversation.name} picture={conversation.pictureVersion} noteToSelf={isNoteToSelf} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-[650]">
            <bdi>{name}</bdi>
          </h2>
          {disappearing === null ? (
            <p className={`truncate text-s text-faint ${named ? 'font-mono' : ''}`}>
              {isNoteToSelf ? t('thread.noteToSelf') : named ? shortId(id) : t('thread.unnamed')}
            </p>
          ) : (
            <p className="truncate text-s text-faint">
              {t(`thread.timer.${disappearing.mode}`, { time: duration(disappearing.seconds, 'long') })}
            </p>
          )}
        </div>
        <div className="flex">
          <IconButton label={t('search.here')} aria-expanded={searchOpen} onClick={onSearch}>
            <Search className="size-5" strokeWidth={1.75} />
          </IconButton>
          {!conversation.isRequest && !conversation.isBlocked && (
            <IconButton label={t('disappearing.title')} aria-haspopup="dialog" onClick={onTimer}>
              <Timer className="size-5" strokeWidth={1.75} />
            </IconButton>
          )}
          <IconButton
            label={t(detailsOpen ? 'thread.hideDetails' : 'thread.details')}
            aria-expanded={detailsOpen}
            onClick={onDetails}
          >
            <PanelRight className="size-5" strokeWidth={1.75} />
          </IconButton>
        </div>
      </div>
      {narrow && <Notices />}
    </>
  );
}
