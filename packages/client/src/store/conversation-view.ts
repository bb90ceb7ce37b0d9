import type { Contact, Conversation } from '../engine.ts';
import { type ConversationState, readState } from './conversation-state.ts';
import type { Database, Row } from './database.ts';
import type { MessageView } from './message-view.ts';

const CONVERSATION = `
  SELECT c.*,
    (SELECT count(*) FROM messages u WHERE u.conversation = c.id AND u.unread = 1) AS unread,
    (SELECT count(*) FROM messages u WHERE u.conversation = c.id AND u.unread = 1 AND u.mentions_us = 1) AS mentions,
    (SELECT m.id FROM messages m WHERE m.conversation = c.id ORDER BY m.placed_at DESC, m.id DESC LIMIT 1) AS last_message
  FROM conversations c`;

/** Conversations and contacts as the engine shows them. Nothing here knows who is typing. */
export class ConversationView {
  readonly #database: Database;
  readonly #messages: MessageView;
  readonly #ownId: string;

  constructor(database: Database, messages: MessageView, ownId: string) {
    this.#database = database;
    this.#messages = messages;
    this.#ownId = ownId;
  }

  /** Pinned ones first, then newest activity first; without those that were deleted while their contact was kept. */
  list(): Conversation[] {
    return this.#load(
      this.#database.all(
        `${CONVERSATION} WHERE c.priority >= 0 ORDER BY c.priority > 0 DESC, c.last_activity_at DESC, c.id`,
      ),
    );
  }

  get(id: string): Conversation | null {
    const row = this.#database.get(`${CONVERSATION} WHERE c.id = @id`, { id });
    return row && this.#load([row])[0]!;
  }

  /** Those we approved or blocked, by name. */
  contacts(): Contact[] {
    return this.#database
      .all('SELECT * FROM conversations WHERE (approved = 1 OR blocked = 1) AND id <> @ownId', { ownId: this.#ownId })
      .map((row) => contactOf(row.id as string, readState(row)))
      .sort(
        (a, b) => (a.name ?? a.accountId).localeCompare(b.name ?? b.accountId) || (a.accountId < b.accountId ? -1 : 1),
      );
  }

  #load(rows: readonly Row[]): Conversation[] {
    const last = this.#messages.load(
      rows.flatMap((row) => (row.last_message === null ? [] : [row.last_message as number])),
    );
    return rows.map((row) => this.#conversation(row, last.get(row.last_message as number) ?? null));
  }

  #conversation(row: Row, lastMessage: Conversation['lastMessage']): Conversation {
    const id = row.id as string;
    const state = readState(row);
    const isNoteToSelf = id === this.#ownId;
    const theirs = JSON.stringify(state.theirDisappearing) !== JSON.stringify(state.disappearing);
    return {
      id,
      name: state.nickname ?? state.profileName,
      nickname: state.nickname,
      profileName: state.profileName,
      pictureVersion: state.pictureBlob,
      isNoteToSelf,
      isRequest: !isNoteToSelf && state.approvedUs && !state.approved,
      awaitsAcceptance: !isNoteToSelf && state.approved && !state.approvedUs,
      isBlocked: state.blocked,
      isArchived: state.archived,
      isPinned: state.priority > 0,
      notifications: state.notifications,
      mutedUntil: state.mutedUntil || null,
      unread: row.unread as number,
      unreadMentions: row.mentions as number,
      markedUnread: state.markedUnread,
      disappearing: state.disappearing,
      theirDisappearing: theirs ? state.theirDisappearing : null,
      isTyping: false,
      autoDownload: state.autoDownload,
      draft: state.draft,
      lastMessage,
      lastActivityAt: state.lastActivityAt,
    };
  }
}

function contactOf(accountId: string, state: ConversationState): Contact {
  return {
    accountId,
    name: state.nickname ?? state.profileName,
    nickname: state.nickname,
    profileName: state.profileName,
    pictureVersion: state.pictureBlob,
    isBlocked: state.blocked,
    acceptedUs: state.approvedUs,
    createdAt: state.createdAt,
  };
}
