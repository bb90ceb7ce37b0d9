import type { Database } from './database.ts';
import type { MessageKey } from './message-record.ts';

/** Far more than people who answer before this device hears what they were asked. */
const MOST_EARLY_ANSWERS = 1000;

/** Later versions of edited messages. */
export class VersionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The identity of the message that a (possibly later) version belongs to. */
  first({ author, sentAt }: MessageKey): MessageKey {
    const sql = 'SELECT first_sent_at FROM versions WHERE author = @author AND sent_at = @sentAt';
    const row = this.#database.get(sql, { author, sentAt });
    return { author, sentAt: (row?.first_sent_at as number | undefined) ?? sentAt };
  }

  /** What was said of the version alone is said of the message from now on. */
  add({ author, sentAt }: MessageKey, firstSentAt: number, now: number): void {
    const values = { author, sentAt, firstSentAt };
    this.#database.run(
      `INSERT INTO versions (author, sent_at, first_sent_at, noted_at) VALUES (@author, @sentAt, @firstSentAt, @now)
       ON CONFLICT DO NOTHING`,
      { ...values, now },
    );
    this.#database.run(
      `UPDATE messages SET quote_sent_at = @firstSentAt WHERE quote_author = @author AND quote_sent_at = @sentAt`,
      values,
    );
    this.#database.run(
      `INSERT INTO reactions (conversation, message_author, message_sent_at, author, emoji, sent_at, removed)
       SELECT conversation, message_author, @firstSentAt, author, emoji, sent_at, removed FROM reactions
       WHERE message_author = @author AND message_sent_at = @sentAt
       ON CONFLICT DO UPDATE SET removed = excluded.removed, sent_at = excluded.sent_at WHERE excluded.sent_at > sent_at`,
      values,
    );
    this.#database.run('DELETE FROM reactions WHERE message_author = @author AND message_sent_at = @sentAt', {
      author,
      sentAt,
    });
  }

  /** Forgets those of messages that are gone, once nothing about them can come any more. */
  prune(notedBefore: number): void {
    this.#database.run(
      `DELETE FROM versions AS v WHERE noted_at < @notedBefore
       AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.author = v.author AND m.sent_at = v.first_sent_at)`,
      { notedBefore },
    );
  }
}

/** What was deleted and must not come back. */
export class TombstoneTables {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Its author takes this version back, whether it is here yet or not. */
  addUnsent({ author, sentAt }: MessageKey, now: number): void {
    this.#database.run(
      'INSERT INTO unsent (author, sent_at, noted_at) VALUES (@author, @sentAt, @now) ON CONFLICT DO NOTHING',
      { author, sentAt, now },
    );
  }

  isUnsent({ author, sentAt }: MessageKey): boolean {
    const sql = 'SELECT 1 FROM unsent WHERE author = @author AND sent_at = @sentAt';
    return this.#database.get(sql, { author, sentAt }) !== null;
  }

  /** Removed from this device: it stays away for good, or at least until a time (ms). */
  addGone({ author, sentAt }: MessageKey, until = Number.MAX_SAFE_INTEGER): void {
    this.#database.run(
      `INSERT INTO gone (author, sent_at, until) VALUES (@author, @sentAt, @until)
       ON CONFLICT DO UPDATE SET until = max(until, @until)`,
      { author, sentAt, until },
    );
  }

  isGone({ author, sentAt }: MessageKey): boolean {
    const sql = 'SELECT 1 FROM gone WHERE author = @author AND sent_at = @sentAt';
    return this.#database.get(sql, { author, sentAt }) !== null;
  }

  /** Everything in a conversation that was sent up to a time is gone for good. */
  clear(conversation: string, until: number): void {
    this.#database.run(
      `INSERT INTO cleared (conversation, until) VALUES (@conversation, @until)
       ON CONFLICT DO UPDATE SET until = max(until, @until)`,
      { conversation, until },
    );
  }

  /** 0 if it never was. */
  clearedUntil(conversation: string): number {
    const sql = 'SELECT until FROM cleared WHERE conversation = @conversation';
    return (this.#database.get(sql, { conversation })?.until as number | undefined) ?? 0;
  }

  /** Forgets what can no longer come from any node. */
  prune(now: number, notedBefore: number): void {
    this.#database.run('DELETE FROM unsent WHERE noted_at < @notedBefore', { notedBefore });
    this.#database.run('DELETE FROM gone WHERE until < @now', { now });
  }
}

/** Receipts for messages of ours whose copy has not come yet. */
export class EarlyReceiptTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(reader: string, sentAt: number, now: number): void {
    this.#database.run(
      'INSERT INTO early_receipts (reader, sent_at, noted_at) VALUES (@reader, @sentAt, @now) ON CONFLICT DO NOTHING',
      { reader, sentAt, now },
    );
  }

  /** How many are kept of a reader. */
  countOf(reader: string): number {
    const sql = 'SELECT count(*) AS count FROM early_receipts WHERE reader = @reader';
    return this.#database.get(sql, { reader })?.count as number;
  }

  /** Whether there is one; it is used up. */
  take(reader: string, sentAt: number): boolean {
    const sql = 'DELETE FROM early_receipts WHERE reader = @reader AND sent_at = @sentAt';
    return this.#database.run(sql, { reader, sentAt }).changes > 0;
  }

  prune(notedBefore: number): void {
    this.#database.run('DELETE FROM early_receipts WHERE noted_at < @notedBefore', { notedBefore });
  }
}

/** That somebody accepted us to whom, as far as this device knows, we have not written: the copy of it has not come yet. */
export class EarlyAnswerTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of several the earliest counts; `answeredAt` as in {@link ConversationState}. */
  add(peer: string, answeredAt: number, now: number): void {
    this.#database.run(
      `INSERT INTO early_answers (peer, answered_at, noted_at) VALUES (@peer, @answeredAt, @now)
       ON CONFLICT DO UPDATE SET answered_at = @answeredAt
         WHERE (abs(@answeredAt), @answeredAt) < (abs(answered_at), answered_at)`,
      { peer, answeredAt, now },
    );
  }

  /** When they did; `null` if they did not. It is used up. */
  take(peer: string): number | null {
    const row = this.#database.get('SELECT answered_at FROM early_answers WHERE peer = @peer', { peer });
    if (!row) return null;
    this.#database.run('DELETE FROM early_answers WHERE peer = @peer', { peer });
    return row.answered_at as number;
  }

  /** Forgets the old ones, and of the others all but the newest: anybody can answer what was never asked. */
  prune(notedBefore: number): void {
    this.#database.run('DELETE FROM early_answers WHERE noted_at < @notedBefore', { notedBefore });
    this.#database.run(
      `DELETE FROM early_answers WHERE peer IN (
         SELECT peer FROM early_answers ORDER BY noted_at DESC LIMIT -1 OFFSET @most)`,
      { most: MOST_EARLY_ANSWERS },
    );
  }
}
