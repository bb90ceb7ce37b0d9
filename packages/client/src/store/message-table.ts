import type { DeliveryState, Disappearing, FailureReason, MessageKind } from '../engine.ts';
import type { Database } from './database.ts';
import { type MessageDetails, type MessageKey, type MessageRecord, messageRecord } from './message-record.ts';
import { removeMessages } from './word-index.ts';

/** What an author may change by sending another version. */
export interface MessageContent {
  readonly body: string;
  readonly quote: MessageKey | null;
  readonly details: MessageDetails;
  readonly mentionsUs: boolean;
}

/** A message about to be stored. */
export interface NewMessage extends MessageContent {
  readonly conversationId: string;
  readonly kind: MessageKind;
  readonly author: string;
  readonly outgoing: boolean;
  readonly sentAt: number | null;
  readonly versionAt: number | null;
  readonly placedAt: number;
  /** When it could be read at the earliest, ms, if that is long after its place. */
  readonly lateAt: number | null;
  readonly delivery: DeliveryState | null;
  readonly unread: boolean;
  readonly hash: string | null;
  readonly deleted: boolean;
  readonly disappearing: Disappearing | null;
  readonly expiresAt: number | null;
}

/** A new message that is nothing special. */
export const PLAIN_MESSAGE = {
  kind: 'message',
  versionAt: null,
  lateAt: null,
  delivery: null,
  unread: false,
  hash: null,
  deleted: false,
  disappearing: null,
  expiresAt: null,
  quote: null,
  details: {},
  mentionsUs: false,
} as const;

const MOST_ANSWERS = 200;

/** Messages, ordered by the time they were sent, as far as that can be true, then by the order they came in. */
export class MessageTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns its id. The identity (author, sentAt) must be new. */
  insert(message: NewMessage): number {
    return this.#database.run(
      `INSERT INTO messages (conversation, kind, author, outgoing, sent_at, version_at, placed_at, late_at, body, delivery, unread,
         hash, quote_author, quote_sent_at, details, deleted, mentions_us, expiry_mode, expiry_seconds, expires_at)
       VALUES (@conversation, @kind, @author, @outgoing, @sentAt, @versionAt, @placedAt, @lateAt, @body, @delivery, @unread,
         @hash, @quoteAuthor, @quoteSentAt, @details, @deleted, @mentionsUs, @expiryMode, @expirySeconds, @expiresAt)`,
      {
        conversation: message.conversationId,
        kind: message.kind,
        author: message.author,
        outgoing: message.outgoing ? 1 : 0,
        sentAt: message.sentAt,
        versionAt: message.versionAt,
        placedAt: message.placedAt,
        lateAt: message.lateAt,
        delivery: message.delivery,
        unread: message.unread ? 1 : 0,
        hash: message.hash,
        deleted: message.deleted ? 1 : 0,
        expiryMode: message.disappearing?.mode ?? null,
        expirySeconds: message.disappearing?.seconds ?? 0,
        expiresAt: message.expiresAt,
        ...contentValues(message),
      },
    ).lastId;
  }

  get(id: number): MessageRecord | null {
    const row = this.#database.get('SELECT * FROM messages WHERE id = @id', { id });
    return row && messageRecord(row);
  }

  /** A message by the identity of its first version (messages §5.1). */
  find({ author, sentAt }: MessageKey): MessageRecord | null {
    const row = this.#database.get('SELECT * FROM messages WHERE author = @author AND sent_at = @sentAt', {
      author,
      sentAt,
    });
    return row && messageRecord(row);
  }

  /** The notices of a kind in a conversation, by an author. */
  notices(conversationId: string, kind: MessageKind, author: string): MessageRecord[] {
    return this.#database
      .all(
        `SELECT * FROM messages WHERE conversation = @conversationId AND kind = @kind AND kind <> 'message' AND author = @author
         ORDER BY id`,
        {
          conversationId,
          kind,
          author,
        },
      )
      .map(messageRecord);
  }

  /** Ids of the messages that answer this one; if they are very many, of the newest. */
  quoting({ author, sentAt }: MessageKey): number[] {
    return this.#database
      .all(
        'SELECT id FROM messages WHERE quote_author = @author AND quote_sent_at = @sentAt ORDER BY id DESC LIMIT @most',
        { author, sentAt, most: MOST_ANSWERS },
      )
      .map(({ id }) => id as number);
  }

  /** Gives an edited message its newest text, or takes the text of a deleted one away. */
  setContent(id: number, content: MessageContent, versionAt: number | null, deleted: boolean): void {
    this.#database.run(
      `UPDATE messages SET body = @body, quote_author = @quoteAuthor, quote_sent_at = @quoteSentAt, details = @details,
         mentions_us = @mentionsUs, version_at = @versionAt, deleted = @deleted WHERE id = @id`,
      { id, ...contentValues(content), versionAt, deleted: deleted ? 1 : 0 },
    );
  }

  /** Moves a notice to another identity and place. */
  place(id: number, sentAt: number | null, placedAt: number): void {
    this.#database.run('UPDATE messages SET sent_at = @sentAt, placed_at = @placedAt WHERE id = @id', {
      id,
      sentAt,
      placedAt,
    });
  }

  /** Moves an outgoing message to another state. */
  setDelivery(id: number, delivery: DeliveryState, failure: FailureReason | null = null): void {
    this.#database.run('UPDATE messages SET delivery = @delivery, failure = @failure WHERE id = @id', {
      id,
      delivery,
      failure,
    });
  }

  /** After a crash nothing is on its way any more: what was being sent waits again, and that counts as an attempt. */
  resetSending(): void {
    this.#database.run(
      `UPDATE outbox SET attempts = max(attempts, 1) WHERE role = 'message'
       AND message IN (SELECT id FROM messages WHERE delivery = 'sending')`,
    );
    this.#database.run(`UPDATE messages SET delivery = 'waiting' WHERE delivery = 'sending'`);
  }

  setHash(id: number, hash: string | null): void {
    this.#database.run('UPDATE messages SET hash = @hash WHERE id = @id', { id, hash });
  }

  /** The other side has read it. */
  setWasRead(id: number): void {
    this.#database.run('UPDATE messages SET was_read = 1 WHERE id = @id', { id });
  }

  /**
   * Marks what others sent, and one could read, up to a time as read; and however late it came, what was sent at the time
   * that a mark names. Gives the sent times of messages (their current versions), oldest first, and those that begin to
   * disappear with it; `null` if nothing was unread.
   */
  markRead(
    conversationId: string,
    { until, named }: { readonly until: number; readonly named: number | null },
  ): { readonly times: readonly number[]; readonly starting: readonly MessageRecord[] } | null {
    const values = { conversationId, until, named };
    const unread = `conversation = @conversationId AND unread = 1
      AND (coalesce(late_at, placed_at) <= @until OR placed_at = @named)`;
    const rows = this.#database.all(
      `SELECT coalesce(version_at, sent_at) AS time, kind FROM messages WHERE ${unread} ORDER BY placed_at, id`,
      values,
    );
    if (rows.length === 0) return null;
    const starting = this.#database
      .all(`SELECT * FROM messages WHERE ${unread} AND expiry_mode IS NOT NULL AND expires_at IS NULL`, values)
      .map(messageRecord);
    this.#database.run(`UPDATE messages SET unread = 0 WHERE ${unread}`, values);
    const isWritten = (kind: unknown) => kind === 'message' || kind === 'community-invitation';
    const times = rows.flatMap(({ kind, time }) => (isWritten(kind) && time !== null ? [time as number] : []));
    return { times, starting };
  }

  /** Up to when all is read if everything that is here is, ms; `null` if nothing is unread. */
  newestUnread(conversationId: string): number | null {
    const sql = `SELECT max(coalesce(late_at, placed_at)) AS newest FROM messages
      WHERE conversation = @conversationId AND unread = 1`;
    return this.#database.get(sql, { conversationId })?.newest as number | null;
  }

  setRead(id: number): void {
    this.#database.run('UPDATE messages SET unread = 0 WHERE id = @id', { id });
  }

  /** Where the newest message of a conversation stands, ms; `null` in an empty one. */
  newestAt(conversationId: string): number | null {
    const sql = 'SELECT max(placed_at) AS newest FROM messages WHERE conversation = @conversationId';
    return this.#database.get(sql, { conversationId })?.newest as number | null;
  }

  /** Starts the clock of a message that disappears; `null` stops it. */
  setExpiresAt(id: number, expiresAt: number | null): void {
    this.#database.run('UPDATE messages SET expires_at = @expiresAt WHERE id = @id', { id, expiresAt });
  }

  /** Up to `limit` messages whose time has come. */
  expired(now: number, limit: number): MessageRecord[] {
    return this.#database
      .all('SELECT * FROM messages WHERE expires_at <= @now ORDER BY expires_at LIMIT @limit', { now, limit })
      .map(messageRecord);
  }

  /** When the next message disappears, `null` if none has a clock that runs. */
  nextExpiry(): number | null {
    return this.#database.get('SELECT min(expires_at) AS next FROM messages WHERE expires_at IS NOT NULL')?.next as
      | number
      | null;
  }

  /** Removes all messages of a conversation up to a time, with what belongs to them. */
  removeAll(conversationId: string, until: number): void {
    const values = { conversationId, until };
    const condition = 'conversation = @conversationId AND placed_at <= @until';
    const removed = `FROM messages WHERE ${condition}`;
    // One that claims the future may come again with another hash.
    this.#database.run(
      `INSERT INTO gone (author, sent_at, until) SELECT author, sent_at, ${Number.MAX_SAFE_INTEGER} ${removed}
       AND sent_at > @until ON CONFLICT DO UPDATE SET until = excluded.until`,
      values,
    );
    this.#database.run(
      `DELETE FROM outbox WHERE role IN ('message', 'copy') AND message IN (SELECT id ${removed})`,
      values,
    );
    this.#database.run('DELETE FROM reactions WHERE conversation = @conversationId AND sent_at <= @until', values);
    removeMessages(this.#database, 'main', condition, values);
  }

  /** Ids of those of a conversation that do not disappear, oldest first. */
  lastingIn(conversationId: string): number[] {
    return this.#database
      .all(
        'SELECT id FROM messages WHERE conversation = @conversationId AND expiry_mode IS NULL ORDER BY placed_at, id',
        { conversationId },
      )
      .map(({ id }) => id as number);
  }

  /** Removes the row, and its attachments with it. */
  remove(id: number): void {
    this.#database.run('DELETE FROM messages WHERE id = @id', { id });
  }
}

function contentValues({ body, quote, details, mentionsUs }: MessageContent) {
  return {
    body,
    quoteAuthor: quote?.author ?? null,
    quoteSentAt: quote?.sentAt ?? null,
    details: Object.keys(details).length === 0 ? null : JSON.stringify(details),
    mentionsUs: mentionsUs ? 1 : 0,
  };
}
