import { useMemo } from 'react';
import type { Conversation } from '../../engine/connection.ts';
import { useAccount, useConversations } from '../../engine/queries.ts';
import { isMuted } from '../person/muted.ts';

/** What of the list is shown. */
export type Filter = 'all' | 'unread' | 'requests' | 'archived';

/** The engine's conversations; note to self stands at the end until it has a message. `null` while loading. */
export function useChats(): readonly Conversation[] | null {
  const conversations = useConversations();
  const ownId = useAccount()?.accountId;
  return useMemo(() => {
    if (conversations === null || ownId === undefined) return null;
    const written = conversations.filter((conversation) => !conversation.isNoteToSelf || conversation.lastMessage);
    if (written.some((conversation) => conversation.isNoteToSelf)) return written;
    return [...written, emptyNoteToSelf(ownId)];
  }, [conversations, ownId]);
}

/** Whether a conversation belongs to what is shown. */
export function passes(conversation: Conversation, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return !conversation.isArchived;
    case 'unread':
      return !conversation.isArchived && isUnread(conversation);
    case 'requests':
      return conversation.isRequest;
    case 'archived':
      return conversation.isArchived;
  }
}

/** Whether something waits to be read, or the person wants it to look so. */
export function isUnread({ unread, markedUnread }: Conversation): boolean {
  return unread > 0 || markedUnread;
}

/** Whether a conversation makes no sound or badge now. */
export function isQuiet(conversation: Conversation): boolean {
  return conversation.notifications === 'none' || isMuted(conversation);
}

/** Note to self before anything was written there. */
export function emptyNoteToSelf(ownId: string): Conversation {
  return {
    id: ownId,
    name: null,
    nickname: null,
    profileName: null,
    pictureVersion: null,
    isNoteToSelf: true,
    isRequest: false,
    awaitsAcceptance: false,
    isBlocked: false,
    isArchived: false,
    isPinned: false,
    notifications: 'all',
    mutedUntil: null,
    unread: 0,
    unreadMentions: 0,
    markedUnread: false,
    disappearing: null,
    theirDisappearing: null,
    isTyping: false,
    autoDownload: false,
    draft: '',
    lastMessage: null,
    lastActivityAt: 0,
  };
}
