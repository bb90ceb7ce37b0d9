import type { Disappearing, Message } from './message.ts';

/** After the reader has read it, or after it was sent (messages §5.13). */
export type DisappearingMode = 'after-read' | 'after-send';

/** What of a conversation makes a sound or a badge. */
export type Notifications = 'all' | 'mentions' | 'none';

/** A line of the chat list. The id of a one-to-one conversation is the other account id; of note to self, our own. */
export interface Conversation {
  readonly id: string;
  /** What to call it: our nickname for them, else the name that came with their messages, or `null` if none is known yet. */
  readonly name: string | null;
  /** Our own nickname for them. */
  readonly nickname: string | null;
  /** The name that they gave themselves. */
  readonly profileName: string | null;
  /** Changes with the picture; read the bytes with `Engine.readPicture`. `null` without one. */
  readonly pictureVersion: string | null;
  readonly isNoteToSelf: boolean;
  /** Somebody wrote to us and we have not answered yet (messages §5.11). */
  readonly isRequest: boolean;
  /** They have not answered us yet. */
  readonly awaitsAcceptance: boolean;
  readonly isBlocked: boolean;
  /** Left out of the chat list until something new comes; its messages are kept. */
  readonly isArchived: boolean;
  readonly isPinned: boolean;
  readonly notifications: Notifications;
  /** No sound or badge until then, ms; `null` if not muted. */
  readonly mutedUntil: number | null;
  readonly unread: number;
  /** Unread messages that mention us. */
  readonly unreadMentions: number;
  /** The person marked it unread. */
  readonly markedUnread: boolean;
  /** What we send disappears like this; `null`: it does not. */
  readonly disappearing: Disappearing | null;
  /** What the other side announced for what they send; `null` if nothing or the same as ours. */
  readonly theirDisappearing: Disappearing | null;
  /** They are writing now. */
  readonly isTyping: boolean;
  /** Files of this person load without asking. */
  readonly autoDownload: boolean;
  /** Text not sent yet. */
  readonly draft: string;
  readonly lastMessage: Message | null;
  readonly lastActivityAt: number;
}

/** A person we know: approved by us. */
export interface Contact {
  readonly accountId: string;
  readonly name: string | null;
  readonly nickname: string | null;
  readonly profileName: string | null;
  readonly pictureVersion: string | null;
  readonly isBlocked: boolean;
  /** They have accepted us, too. */
  readonly acceptedUs: boolean;
  readonly createdAt: number;
}
