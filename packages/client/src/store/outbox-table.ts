import type { Database, Row } from './database.ts';

/** Something to be stored in a swarm. It leaves the table in the transaction that records its success or failure. */
export interface OutboxEntry {
  readonly id: number;
  /** Entries of one queue leave one after another, in order. */
  readonly queue: string;
  /** Account id of the mailbox. */
  readonly recipient: string;
  /** Encoded Content, not yet padded and sealed: every attempt seals it anew. */
  readonly content: Uint8Array;
  /** Timestamp of envelope and content; the same in every attempt. */
  readonly sentAt: number;
  /** The message whose state this decides. */
  readonly messageId: number | null;
  /** Encoded Content of the copy for our other devices, queued once this is stored. */
  readonly copy: Uint8Array | null;
  /** Attempts so far. */
  readonly attempts: number;
  /** How often nodes refused it as such. */
  /** Since when attempts have failed although this machine has a network, ms. */
  readonly unreachableSince: number | null;
  /** Not before this local time, ms. */
  readonly nextAttemptAt: number;
}

/** An entry before its first attempt. */
export type NewOutboxEntry = Pick<OutboxEntry, 'queue' | 'recipient' | 'content' | 'sentAt' | 'messageId' | 'copy'>;

/** What an attempt changes. */
export type AttemptRecord = Pick<OutboxEntry, 'attempts' | 'unreachableSince' | 'nextAttemptAt'>;

/** What waits to be sent; survives restarts. */
export class OutboxTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(entry: NewOutboxEntry): void {
    this.#database.run(
      `INSERT INTO outbox (queue, recipient, content, sent_at, message, copy)
       VALUES (@queue, @recipient, @content, @sentAt, @messageId, @copy)`,
      { ...entry },
    );
  }

  /** The first entry of every queue. */
  heads(): OutboxEntry[] {
    return this.#database
      .all('SELECT * FROM outbox WHERE id IN (SELECT min(id) FROM outbox GROUP BY queue) ORDER BY id')
      .map(entryOf);
  }

  get(id: number): OutboxEntry | null {
    const row = this.#database.get('SELECT * FROM outbox WHERE id = @id', { id });
    return row && entryOf(row);
  }

  record(id: number, attempt: AttemptRecord): void {
    this.#database.run(
      `UPDATE outbox SET attempts = @attempts, unreachable_since = @unreachableSince, next_attempt_at = @nextAttemptAt
       WHERE id = @id`,
      { id, ...attempt },
    );
  }

  /** Lets everything be tried again at once, because the network is back. */
  wake(): void {
    this.#database.run('UPDATE outbox SET next_attempt_at = 0 WHERE next_attempt_at > 0');
  }

  remove(id: number): void {
    this.#database.run('DELETE FROM outbox WHERE id = @id', { id });
  }

  removeMessage(messageId: number): void {
    this.#database.run('DELETE FROM outbox WHERE message = @messageId', { messageId });
  }
}

function entryOf(row: Row): OutboxEntry {
  return {
    id: row.id as number,
    queue: row.queue as string,
    recipient: row.recipient as string,
    content: row.content as Uint8Array,
    sentAt: row.sent_at as number,
    messageId: row.message as number | null,
    copy: row.copy as Uint8Array | null,
    attempts: row.attempts as number,
    unreachableSince: row.unreachable_since as number | null,
    nextAttemptAt: row.next_attempt_at as number,
  };
}
