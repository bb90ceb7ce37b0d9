import type { Conversation } from '../engine.ts';
import type { Database, Row } from './database.ts';
import type { MessageTable } from './message-table.ts';

const CONVERSATION = `
  SELECT c.id, c.name, c.approved, c.approved_us, c.last_activity_at,
    (SELECT count(*) FROM messages u WHERE u.conversation = c.id AND u.unread = 1) AS unread,
    (SELECT m.id FROM messages m WHERE m.conversation = c.id ORDER BY m.placed_at DESC, m.id DESC LIMIT 1) AS last_message
  FROM conversations c`;

/** Whom we talk with. Both flags are those of messages §5.11: did we approve them, did they approve us? */
export class ConversationTable {
  readonly #database: Database;
  readonly #messages: MessageTable;
  readonly #ownId: string;

  constructor(database: Database, messages: MessageTable, ownId: string) {
    this.#database = database;
    this.#messages = messages;
    this.#ownId = ownId;
  }

  /** Newest activity first. */
  list(): Conversation[] {
    return this.#database
      .all(`${CONVERSATION} ORDER BY c.last_activity_at DESC, c.id`)
      .map((row) => this.#conversation(row));
  }

  get(id: string): Conversation | null {
    const row = this.#database.get(`${CONVERSATION} WHERE c.id = @id`, { id });
    return row && this.#conversation(row);
  }

  has(id: string): boolean {
    return this.#database.get('SELECT 1 FROM conversations WHERE id = @id', { id }) !== null;
  }

  /** Creates the conversation unless it is there. */
  ensure(id: string, now: number): void {
    this.#database.run('INSERT INTO conversations (id, last_activity_at) VALUES (@id, @now) ON CONFLICT DO NOTHING', {
      id,
      now,
    });
  }

  /** Moves the conversation up to a time, never down. */
  touch(id: string, at: number): void {
    this.#database.run('UPDATE conversations SET last_activity_at = max(last_activity_at, @at) WHERE id = @id', {
      id,
      at,
    });
  }

  /** We wrote to them or accepted them. */
  approve(id: string): void {
    this.#database.run('UPDATE conversations SET approved = 1 WHERE id = @id', { id });
  }

  /** They wrote to us or accepted us. */
  approveUs(id: string): void {
    this.#database.run('UPDATE conversations SET approved_us = 1 WHERE id = @id', { id });
  }

  approval(id: string): { readonly approved: boolean; readonly approvedUs: boolean } {
    const row = this.#database.get('SELECT approved, approved_us FROM conversations WHERE id = @id', { id });
    return { approved: row?.approved === 1, approvedUs: row?.approved_us === 1 };
  }

  /**
   * Takes the name that came with a message if it is newer than the stored one, or if neither is dated (messages §5.6).
   * @returns whether the name is another one now.
   */
  applyName(id: string, name: string, changedAt: number): boolean {
    const { changes } = this.#database.run(
      `UPDATE conversations SET name = @name, name_changed_at = @changedAt
       WHERE id = @id AND (name_changed_at < @changedAt OR (name_changed_at = 0 AND @changedAt = 0))
         AND (name IS NOT @name OR name_changed_at <> @changedAt)`,
      { id, name, changedAt },
    );
    return changes > 0;
  }

  #conversation(row: Row): Conversation {
    const id = row.id as string;
    const isNoteToSelf = id === this.#ownId;
    const lastMessage = row.last_message === null ? null : this.#messages.get(row.last_message as number);
    return {
      id,
      name: row.name as string | null,
      isNoteToSelf,
      isRequest: !isNoteToSelf && row.approved_us === 1 && row.approved === 0,
      unread: row.unread as number,
      lastMessage,
      lastActivityAt: row.last_activity_at as number,
    };
  }
}
