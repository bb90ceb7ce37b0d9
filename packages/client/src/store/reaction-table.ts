import type { Database } from './database.ts';
import type { MessageKey } from './message-record.ts';

/** More different reactions of one person to one message are ignored. */
const MOST_OF_AN_AUTHOR = 100;
const FARTHEST_AHEAD_MS = 86_400_000;

/** That somebody added or took back a reaction. */
export interface ReactionRecord {
  readonly conversationId: string;
  readonly message: MessageKey;
  readonly author: string;
  readonly emoji: string;
  readonly sentAt: number;
  readonly removed: boolean;
}

/** Reactions, also those whose message is not here (yet). Of two for the same emoji the later one holds. */
export class ReactionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns whether anything is different now. */
  put({ conversationId, message, author, emoji, sentAt, removed }: ReactionRecord): boolean {
    const of = { messageAuthor: message.author, messageSentAt: message.sentAt, conversationId, author };
    if (this.#countOthers({ ...of, emoji }) >= MOST_OF_AN_AUTHOR) return false;
    return (
      this.#database.run(
        `INSERT INTO reactions (conversation, message_author, message_sent_at, author, emoji, sent_at, removed)
         VALUES (@conversationId, @messageAuthor, @messageSentAt, @author, @emoji, @sentAt, @removed)
         ON CONFLICT DO UPDATE SET sent_at = @sentAt, removed = @removed WHERE @sentAt > sent_at`,
        { ...of, emoji, sentAt, removed: removed ? 1 : 0 },
      ).changes > 0
    );
  }

  has(message: MessageKey, author: string, emoji: string): boolean {
    const sql = `SELECT 1 FROM reactions WHERE message_author = @messageAuthor AND message_sent_at = @sentAt
      AND author = @author AND emoji = @emoji AND removed = 0`;
    return this.#database.get(sql, { messageAuthor: message.author, sentAt: message.sentAt, author, emoji }) !== null;
  }

  /** How many reactions an author sent since a time. */
  sentSince(author: string, since: number): number {
    const sql = 'SELECT count(*) AS count FROM reactions WHERE sent_at >= @since AND author = @author';
    return this.#database.get(sql, { author, since })?.count as number;
  }

  removeOf({ author, sentAt }: MessageKey): void {
    this.#database.run('DELETE FROM reactions WHERE message_author = @author AND message_sent_at = @sentAt', {
      author,
      sentAt,
    });
  }

  /**
   * Forgets those whose message can no longer come, and those that were taken back; also where they claim to be from a
   * future that no clock is wrong by.
   */
  prune(sentBefore: number, now: number): void {
    this.#database.run(
      `DELETE FROM reactions WHERE (sent_at < @sentBefore OR sent_at > @sentAfter) AND (removed = 1 OR NOT EXISTS
         (SELECT 1 FROM messages m WHERE m.author = message_author AND m.sent_at = message_sent_at))`,
      { sentBefore, sentAfter: now + FARTHEST_AHEAD_MS },
    );
  }

  #countOthers(of: Readonly<Record<string, string | number>>): number {
    const sql = `SELECT count(*) AS count FROM reactions WHERE message_author = @messageAuthor
      AND message_sent_at = @messageSentAt AND conversation = @conversationId AND author = @author AND emoji <> @emoji`;
    return this.#database.get(sql, of)?.count as number;
  }
}
