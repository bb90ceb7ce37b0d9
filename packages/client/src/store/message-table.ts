import type { DeliveryState, FailureReason, Message, MessagePage } from '../engine.ts';
import type { Database, Row } from './database.ts';

const COLUMNS = 'id, conversation, author, outgoing, placed_at, body, delivery, failure';
const CURSOR = /^(\d{1,16})-(\d{1,16})$/;

/** A message about to be stored. */
export interface NewMessage {
  readonly conversationId: string;
  readonly author: string;
  /** What identifies it, with its author (messages §5.1). */
  readonly sentAt: number;
  /** The latest time at which it can have been sent, ms; it is shown and ordered as if it had not been sent later. */
  readonly notAfter: number;
  readonly body: string;
  /** `null` for one that we received. */
  readonly delivery: DeliveryState | null;
  readonly unread: boolean;
}

/** Messages, ordered by the time they were sent, as far as that can be true, then by the order they came in. */
export class MessageTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(message: NewMessage): Message {
    const { lastId } = this.#database.run(
      `INSERT INTO messages (conversation, author, outgoing, sent_at, placed_at, body, delivery, unread)
       VALUES (@conversation, @author, @outgoing, @sentAt, min(@sentAt, @notAfter), @body, @delivery, @unread)`,
      {
        conversation: message.conversationId,
        author: message.author,
        outgoing: message.delivery === null ? 0 : 1,
        sentAt: message.sentAt,
        notAfter: message.notAfter,
        body: message.body,
        delivery: message.delivery,
        unread: message.unread ? 1 : 0,
      },
    );
    return this.get(lastId)!;
  }

  get(id: number): Message | null {
    const row = this.#database.get(`SELECT ${COLUMNS} FROM messages WHERE id = @id`, { id });
    return row && messageOf(row);
  }

  /** A message by what identifies it everywhere (messages §5.1). */
  find(author: string, sentAt: number): Message | null {
    const sql = `SELECT ${COLUMNS} FROM messages WHERE author = @author AND sent_at = @sentAt`;
    const row = this.#database.get(sql, { author, sentAt });
    return row && messageOf(row);
  }

  /** Up to `limit` messages, oldest first: the newest ones, or those before a cursor of an earlier page. */
  page(conversationId: string, before: string | undefined, limit: number): MessagePage {
    const cursor = before === undefined ? null : CURSOR.exec(before);
    if (before !== undefined && !cursor) return { messages: [], before: null };
    const rows = this.#database.all(
      `SELECT ${COLUMNS} FROM messages
       WHERE conversation = @conversation AND (placed_at, id) < (@placedAt, @id)
       ORDER BY placed_at DESC, id DESC LIMIT @limit`,
      {
        conversation: conversationId,
        placedAt: cursor ? Number(cursor[1]) : Number.MAX_SAFE_INTEGER,
        id: cursor ? Number(cursor[2]) : Number.MAX_SAFE_INTEGER,
        limit: limit + 1,
      },
    );
    const more = rows.length > limit;
    const messages = rows.slice(0, limit).reverse().map(messageOf);
    const oldest = messages[0];
    return { messages, before: more && oldest ? `${oldest.sentAt}-${oldest.id}` : null };
  }

  /** Moves an outgoing message to another state; gives it back as it is now. */
  setDelivery(id: number, delivery: DeliveryState, failure: FailureReason | null = null): Message {
    this.#database.run('UPDATE messages SET delivery = @delivery, failure = @failure WHERE id = @id', {
      id,
      delivery,
      failure,
    });
    return this.get(id)!;
  }

  /** After a crash nothing is on its way any more: what was being sent waits again. */
  resetSending(): void {
    this.#database.run(`UPDATE messages SET delivery = 'waiting' WHERE delivery = 'sending'`);
  }

  /** Marks what others sent up to a time as read; returns whether anything was unread. */
  markRead(conversationId: string, until: number): boolean {
    const { changes } = this.#database.run(
      'UPDATE messages SET unread = 0 WHERE conversation = @conversation AND unread = 1 AND placed_at <= @until',
      { conversation: conversationId, until },
    );
    return changes > 0;
  }
}

function messageOf(row: Row): Message {
  return {
    id: String(row.id),
    conversationId: row.conversation as string,
    direction: row.outgoing === 1 ? 'out' : 'in',
    author: row.author as string,
    sentAt: row.placed_at as number,
    body: row.body as string,
    delivery: row.delivery as DeliveryState | null,
    failure: row.failure as FailureReason | null,
  };
}
