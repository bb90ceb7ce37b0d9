import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { useAccount, useConversations } from '../../engine/queries.ts';
import { useMedia, WIDE } from '../../parts/media.ts';
import { Sheet } from '../../parts/sheet.tsx';
import { useDisplayName } from '../chats/display-name.ts';
import { emptyNoteToSelf } from '../chats/use-chats.ts';
import { DisappearingSheet } from '../person/disappearing-sheet.tsx';
import { PersonPanel } from '../person/person-panel.tsx';
import { BlockedBar, RequestBar } from './bars.tsx';
import { Beginning } from './beginning.tsx';
import { Composer } from './composer/composer.tsx';
import type { Reference } from './composer/reference-strip.tsx';
import { useTray } from './composer/tray.ts';
import { DropZone } from './drop-zone.tsx';
import { Viewer } from './files/viewer.tsx';
import { type Above, useFocusBack } from './menus/above.ts';
import { OverMessage } from './menus/over-message.tsx';
import { MessageList, type MessageListHandle } from './message-list.tsx';
import { rowsOf } from './rows.ts';
import { useMentionable } from './text/use-mentionable.ts';
import { type ThreadActions, ThreadActionsProvider } from './thread-actions.ts';
import { ThreadHeader } from './thread-header.tsx';
import { ThreadSearch } from './thread-search.tsx';
import { TypingLine } from './typing-line.tsx';
import { useMessageCommands } from './use-message-commands.ts';
import { useMessages } from './use-messages.ts';
import { useReading } from './use-reading.ts';

/** Whether the details stand beside wide threads; the same for all conversations of the window. */
let detailsBeside = true;

/** A message to go to, such as one that was searched; another object goes there once more. */
export interface ThreadTarget {
  readonly messageId: string;
}

interface ThreadProps {
  readonly conversationId: string;
  readonly target: ThreadTarget | null;
  /** Back to the list, which takes the focus. */
  readonly onLeave: () => void;
  /** The conversation was removed. */
  readonly onGone: () => void;
}

/** A conversation: who it is with, what was said, where to answer, and on wide windows how messages travel. */
export function Thread({ conversationId, target, onLeave, onGone }: ThreadProps) {
  const conversation = useConversation(conversationId);
  const wasThere = useRef(false);
  const gone = wasThere.current && conversation === null;
  useEffect(() => {
    if (conversation !== null) wasThere.current = true;
  }, [conversation]);
  // It may be deleted in another window, or on another device.
  useEffect(() => {
    if (gone) onGone();
  }, [gone, onGone]);
  if (conversation === null) return null;
  return <OpenThread conversation={conversation} target={target} onLeave={onLeave} onGone={onGone} />;
}

/** The conversation as the list has it; note to self exists before the first note. `null` while loading. */
function useConversation(conversationId: string): Conversation | null {
  const ownId = useAccount()?.accountId;
  const known = useConversations()?.find((conversation) => conversation.id === conversationId);
  return known ?? (conversationId === ownId ? emptyNoteToSelf(ownId) : null);
}

interface OpenThreadProps {
  readonly conversation: Conversation;
  readonly target: ThreadTarget | null;
  readonly onLeave: () => void;
  readonly onGone: () => void;
}

function OpenThread({ conversation, target, onLeave, onGone }: OpenThreadProps) {
  const { t } = useTranslation();
  const wide = useMedia(WIDE);
  const [beside, setBeside] = useState(detailsBeside);
  const [above, setAbove] = useState<Above | null>(null);
  const [searching, setSearching] = useState(false);
  const [atEnd, setAtEnd] = useState(false);
  const [reference, setReference] = useState<Reference | null>(null);
  const list = useRef<MessageListHandle>(null);
  const name = useDisplayName()(conversation);
  const people = useMentionable(conversation, name);
  const { tray } = useTray(conversation.id);
  const { loaded, failed, loadingOlder, loadNewest, loadOlder, loadNewer, loadAround } = useMessages(
    conversation.id,
    conversation.unread,
  );
  const firstUnread = useReading(conversation, loaded, atEnd);
  const messages = loaded?.messages;
  const rows = useMemo(() => rowsOf(messages ?? [], firstUnread), [messages, firstUnread]);
  const { problem, jump, react } = useMessageCommands({ list, messages, loadAround });
  const close = useCallback(() => setAbove(null), []);
  useFocusBack(above);
  const actions = useMemo<ThreadActions>(
    () => ({
      menu: (message, place, anchor) => setAbove({ kind: 'menu', message, place, anchor }),
      pickReaction: (message, place) => setAbove({ kind: 'reaction', message, place }),
      react,
      reply: (message) => setReference({ kind: 'reply', message }),
      edit: (message) => setReference({ kind: 'edit', message }),
      remove: (message) => setAbove({ kind: 'delete', message }),
      info: (message) => setAbove({ kind: 'info', message }),
      jump,
      view: (_message, attachment) => setAbove({ kind: 'view', attachmentId: attachment.id }),
    }),
    [jump, react],
  );
  const ready = loaded !== null;
  useEffect(() => {
    if (target !== null && ready) jump(target.messageId);
  }, [target, ready, jump]);
  const detailsOpen = wide ? beside : above?.kind === 'details';
  const toggleDetails = () => {
    if (!wide) return setAbove({ kind: 'details' });
    detailsBeside = !beside;
    setBeside(!beside);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && above === null) onLeave();
  };
  const editLast = () => {
    const last = messages?.findLast(
      ({ direction, kind, deleted, delivery, body }) =>
        direction === 'out' && kind === 'message' && !deleted && delivery === 'stored' && body !== '',
    );
    if (last !== undefined) setReference({ kind: 'edit', message: last });
  };
  const toEnd = useCallback(() => {
    if (loaded?.atNewest === false)
      void loadNewest().then(() => requestAnimationFrame(() => list.current?.scrollToEnd()));
    else list.current?.scrollToEnd();
  }, [loaded?.atNewest, loadNewest]);
  const onNearBeginning = useCallback(() => void loadOlder(), [loadOlder]);
  const onNearEnd = useCallback(() => void loadNewer(), [loadNewer]);
  return (
    <ThreadActionsProvider value={actions}>
      <div className={`grid h-full min-h-0 ${wide && beside ? 'grid-cols-[minmax(0,1fr)_320px]' : 'grid-cols-1'}`}>
        <DropZone
          enabled={!conversation.isBlocked}
          onFiles={(files) => tray.add(files)}
          className="grid min-h-0 min-w-0 grid-cols-1 bg-sunk"
        >
          {/* biome-ignore lint/a11y/noStaticElementInteractions: Esc leaves the conversation from anywhere in it */}
          <div onKeyDown={onKeyDown} className="grid min-h-0 min-w-0 grid-cols-1 grid-rows-[auto_minmax(0,1fr)_auto]">
            <header className="border-b border-line bg-surface">
              <ThreadHeader
                conversation={conversation}
                name={name}
                detailsOpen={detailsOpen}
                searchOpen={searching}
                onDetails={toggleDetails}
                onSearch={() => setSearching(!searching)}
                onTimer={() => setAbove({ kind: 'timer' })}
                onLeave={onLeave}
              />
              {searching && (
                <ThreadSearch conversationId={conversation.id} onJump={jump} onClose={() => setSearching(false)} />
              )}
            </header>
            {rows.length === 0 ? (
              <Beginning
                conversation={conversation}
                loading={!ready}
                failed={failed}
                onRetry={() => void loadNewest()}
              />
            ) : (
              <MessageList
                ref={list}
                conversationId={conversation.id}
                rows={rows}
                name={name}
                noteToSelf={conversation.isNoteToSelf}
                loadingOlder={loadingOlder}
                atNewest={loaded?.atNewest !== false}
                onNearBeginning={onNearBeginning}
                onNearEnd={onNearEnd}
                onAtEnd={setAtEnd}
                onToEnd={toEnd}
              />
            )}
            <div>
              <TypingLine name={name} typing={conversation.isTyping} />
              <p role="alert" className="bg-sunk px-6 text-s text-danger narrow:px-3">
                {problem !== null && <span className="block pb-2">{problem}</span>}
              </p>
              {conversation.isRequest && !conversation.isBlocked && (
                <RequestBar conversation={conversation} name={name} onGone={onGone} />
              )}
              {conversation.isBlocked ? (
                <BlockedBar conversation={conversation} name={name} />
              ) : (
                <Composer
                  conversation={conversation}
                  name={name}
                  people={people}
                  reference={reference}
                  onReferenceEnd={() => setReference(null)}
                  onEditLast={editLast}
                  onSent={toEnd}
                />
              )}
            </div>
          </div>
        </DropZone>
        {wide && beside && (
          <aside aria-label={t('person.title')} className="overflow-y-auto border-l border-line bg-surface px-4 py-5">
            <PersonPanel conversation={conversation} name={name} onGone={onGone} onJumped={close} />
          </aside>
        )}
        {!wide && above?.kind === 'details' && (
          <Sheet place="side" title={t('person.title')} onClose={close}>
            <PersonPanel conversation={conversation} name={name} onGone={onGone} onJumped={close} />
          </Sheet>
        )}
        {above?.kind === 'timer' && <DisappearingSheet conversation={conversation} onClose={close} />}
        {above !== null && 'message' in above && (
          <OverMessage
            above={above}
            messages={messages ?? []}
            actions={actions}
            noteToSelf={conversation.isNoteToSelf}
            // What was chosen may have opened something else already.
            onClose={() => setAbove((known) => (known === above ? null : known))}
          />
        )}
        {above?.kind === 'view' && <Viewer messages={messages ?? []} firstId={above.attachmentId} onClose={close} />}
      </div>
    </ThreadActionsProvider>
  );
}
