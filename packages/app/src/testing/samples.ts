import type { Conversation, Settings } from '@sotto/client';

/** An empty conversation with somebody whose name is not known. */
export function sampleConversation(known: Partial<Conversation>): Conversation {
  return {
    id: 'c',
    name: null,
    nickname: null,
    profileName: null,
    pictureVersion: null,
    isNoteToSelf: false,
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
    lastActivityAt: 1,
    ...known,
  };
}

/** Settings as a new profile has them. */
export const SAMPLE_SETTINGS: Settings = {
  theme: 'system',
  language: 'en',
  phraseConfirmed: false,
  readReceipts: false,
  typingIndicators: false,
  linkPreviews: false,
  notifications: true,
  notificationContent: 'name',
  proxy: null,
};
