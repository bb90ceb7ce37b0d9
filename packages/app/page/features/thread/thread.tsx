import { ArrowLeft, PanelRight, UserRoundPlus } from 'lucide-react';
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { useAccount, useConversations } from '../../engine/queries.ts';
import { Avatar } from '../../parts/avatar.tsx';
import { Button, IconButton } from '../../parts/button.tsx';
import { NARROW, useMedia, WIDE } from '../../parts/media.ts';
import { Sheet } from '../../parts/sheet.tsx';
import { emptyNoteToSelf } from '../chats/chats.tsx';
import { shortId, useDisplayName } from '../chats/display-name.ts';
import { Notices } from '../chats/notices.tsx';
import { Composer } from './composer.tsx';
import type { Loaded } from './merge-messages.ts';
import { MessageList, type MessageListHandle } from './message-list.tsx';
import { PersonPanel } from './person-panel.tsx';
import { firstUnreadOf, rowsOf } from './rows.ts';
import { useMessages } from './use-messages.ts';
import { useWindowActive } from './use-window-active.ts';

/** Whether the details stand beside wide threads; the same for all conversations of the window. */
let detailsBeside = true;

interface ThreadProps {
  readonly conversationId: string;
  /** Back to the list, which takes the focus. */
  readonly onLeave: () => void;
}

/** A conversation: who it is with, what was said, where to answer, and on wide windows how messages travel. */
export function Thread({ conversationId, onLeave }: ThreadProps) {
  const conversation = useConversation(conversationId);
  return conversation === null ? null : <OpenThread conversation={conversation} onLeave={onLeave} />;
}

/** The conversation as the list has it; note to self exists before the first note. `null` while loading. */
function useConversation(conversationId: string): Conversation | null {
  const ownId = useAccount()?.accountId;
  const known = useConversations()?.find((conversation) => conversation.id === conversationId);
  return known ?? (conversationId === ownId ? emptyNoteToSelf(ownId) : null);
}

function OpenThread({ conversation, onLeave }: { conversation: Conversation; onLeave: () => void }) {
  const { t } = useTranslation();
  const wide = useMedia(WIDE);
  const [beside, setBeside] = useState(detailsBeside);
  const [above, setAbove] = useState(false);
  const [atEnd, setAtEnd] = useState(false);
  const list = useRef<MessageListHandle>(null);
  const name = useDisplayName()(conversation);
  const { loaded, failed, loadingOlder, loadNewest, loadOlder } = useMessages(conversation.id, conversation.unread);
  const firstUnread = useReading(conversation, loaded, atEnd);
  const detailsOpen = wide ? beside : above;
  const toggleDetails = () => {
    if (!wide) return setAbove(!above);
    detailsBeside = !beside;
    setBeside(!beside);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !above) onLeave();
  };
  const onNearBeginning = useCallback(() => void loadOlder(), [loadOlder]);
  return (
    <div className={`grid h-full min-h-0 ${wide && beside ? 'grid-cols-[minmax(0,1fr)_320px]' : 'grid-cols-1'}`}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Esc leaves the conversation from anywhere in it */}
      <div
        onKeyDown={onKeyDown}
        className="grid min-h-0 min-w-0 grid-cols-1 grid-rows-[auto_minmax(0,1fr)_auto] bg-sunk"
      >
        <ThreadHeader
          conversation={conversation}
          name={name}
          detailsOpen={detailsOpen}
          onDetails={toggleDetails}
          onLeave={onLeave}
        />
        {loaded === null || loaded.messages.length === 0 ? (
          <Beginning
            conversation={conversation}
            loading={loaded === null}
            failed={failed}
            onRetry={() => void loadNewest()}
          />
        ) : (
          <MessageList
            ref={list}
            conversationId={conversation.id}
            rows={rowsOf(loaded.messages, firstUnread)}
            name={name}
            noteToSelf={conversation.isNoteToSelf}
            loadingOlder={loadingOlder}
            onNearBeginning={onNearBeginning}
            onAtEnd={setAtEnd}
          />
        )}
        <div>
          {conversation.isRequest && <RequestBar name={name} />}
          <Composer
            conversationId={conversation.id}
            name={name}
            named={conversation.name !== null}
            noteToSelf={conversation.isNoteToSelf}
            onSent={() => list.current?.scrollToEnd()}
          />
        </div>
      </div>
      {wide && beside && (
        <aside aria-label={t('person.title')} className="overflow-y-auto border-l border-line bg-surface px-4 py-6">
          <PersonPanel conversation={conversation} name={name} />
        </aside>
      )}
      {!wide && above && (
        <Sheet place="side" title={t('person.title')} onClose={() => setAbove(false)}>
          <PersonPanel conversation={conversation} name={name} />
        </Sheet>
      )}
    </div>
  );
}

/**
 * Marks the conversation read while somebody looks at its end, and returns the message before which
 * the line "new messages" stands: it stays for as long as the conversation is open, until newer ones come unseen.
 */
function useReading(conversation: Conversation, loaded: Loaded | null, atEnd: boolean): string | null {
  const { id, unread } = conversation;
  const seen = useWindowActive() && atEnd && loaded !== null;
  const [line, setLine] = useState<{ messageId: string | null; settled: boolean }>({ messageId: null, settled: true });
  const opened = useRef(false);
  const messages = loaded?.messages;
  if (messages !== undefined && unread > 0 && line.settled && (!seen || !opened.current)) {
    setLine({ messageId: firstUnreadOf(messages, unread), settled: false });
  }
  if (unread === 0 && !line.settled) setLine({ ...line, settled: true });
  useEffect(() => {
    if (messages !== undefined) opened.current = true;
  }, [messages]);
  useEffect(() => {
    if (!seen || unread === 0) return;
    // Should it fail, the next change tries again.
    engine.conversations.markRead.mutate({ id }).catch(() => {});
  }, [seen, unread, id]);
  return line.messageId;
}

interface ThreadHeaderProps {
  readonly conversation: Conversation;
  readonly name: string;
  readonly detailsOpen: boolean;
  readonly onDetails: () => void;
  readonly onLeave: () => void;
}

function ThreadHeader({ conversation, name, detailsOpen, onDetails, onLeave }: ThreadHeaderProps) {
  const { t } = useTranslation();
  const narrow = useMedia(NARROW);
  const { id, isNoteToSelf } = conversation;
  const named = !isNoteToSelf && conversation.name !== null;
  return (
    <header className="border-b border-line bg-surface">
      <div className="flex items-center gap-3 px-6 py-3 narrow:px-3">
        {narrow && (
          <IconButton label={t('common.back')} onClick={onLeave} className="-ml-1">
            <ArrowLeft className="size-5" strokeWidth={1.75} />
          </IconButton>
        )}
        <Avatar id={id} name={conversation.name} noteToSelf={isNoteToSelf} />
        <div className="min-w-0">
          <h2 className="truncate font-[650]">
            <bdi>{name}</bdi>
          </h2>
          <p className={`truncate text-s text-faint ${named ? 'font-mono' : ''}`}>
            {isNoteToSelf ? t('thread.noteToSelf') : named ? shortId(id) : t('thread.unnamed')}
          </p>
        </div>
        <IconButton
          label={t(detailsOpen ? 'thread.hideDetails' : 'thread.details')}
          aria-expanded={detailsOpen}
          onClick={onDetails}
          className="ml-auto"
        >
          <PanelRight className="size-5" strokeWidth={1.75} />
        </IconButton>
      </div>
      {narrow && <Notices />}
    </header>
  );
}

interface BeginningProps {
  readonly conversation: Conversation;
  readonly loading: boolean;
  readonly failed: boolean;
  readonly onRetry: () => void;
}

function Beginning({ conversation: { name, isNoteToSelf }, loading, failed, onRetry }: BeginningProps) {
  const { t } = useTranslation();
  if (failed) {
    return (
      <div className="grid place-content-center justify-items-center gap-3 p-6 text-center">
        <p role="alert" className="text-danger">
          {t('thread.loadFailed')}
        </p>
        <Button small onClick={onRetry}>
          {t('thread.loadAgain')}
        </Button>
      </div>
    );
  }
  if (loading) return <div aria-busy="true" />;
  const known = name === null ? t('thread.emptyUnnamed') : t('thread.emptyText', { name });
  return (
    <div className="grid place-items-center p-6 text-center">
      <div className="max-w-[340px]">
        <p className="font-semibold">{t('thread.emptyTitle')}</p>
        <p className="mt-1 text-balance text-soft">{isNoteToSelf ? t('thread.emptySelf') : known}</p>
      </div>
    </div>
  );
}

function RequestBar({ name }: { name: string }) {
  const { t } = useTranslation();
  return (
    <aside className="flex items-center gap-3 border-t border-line bg-accent-soft px-6 py-3 text-ms text-accent narrow:px-3">
      <UserRoundPlus aria-hidden="true" className="size-5 shrink-0" strokeWidth={1.75} />
      <p>
        <b className="font-semibold">{t('thread.requestTitle', { name })}</b> <span>{t('thread.requestText')}</span>
      </p>
    </aside>
  );
}
