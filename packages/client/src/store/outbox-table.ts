import type { Database, Row } from './database.ts';

/**
 * What an entry is to a message: the message itself, whose state it decides; its copy for our other devices, by whose
 * hash our mailbox knows it; the request to delete it, at the other side; or something on its own.
 */
type OutboxRole = 'message' | 'copy' | 'unsend' | 'control';

/** Something to be stored in a swarm. It leaves the table in the transaction that records its success or failure. */
export interface OutboxEntry {
  readonly id: number;
  /** Entries of one queue leave one after another, in order. */
  readonly queue: string;
  /** Account id of the mailbox. */
  readonly recipient: string;
  readonly role: OutboxRole;
  /** Encoded Content, not yet padded and sealed; `null` for a `message`, which is composed for every attempt. */
  readonly content: Uint8Array | null;
  /** Timestamp of envelope and content; the same in every attempt. */
  readonly sentAt: number;
  /** How long nodes keep it, ms (messages §5.18). */
  readonly ttl: number;
  /** The message that it is about. */
  readonly messageId: number | null;
  /** Encoded Content of the copy for our other devices, queued once this is stored. */
  readonly copy: Uint8Array | null;
  /** Attempts so far. */
  readonly attempts: number;
  /** Since when attempts have failed although this machine has a network, ms. */
  readonly unreachableSince: number | null;
  /** Not before this local time, ms. */
  readonly nextAttemptAt: number;
}

/** An entry before its first attempt. */
export type NewOutboxEntry = Omit<OutboxEntry, 'id' | 'attempts' | 'unreachableSince' | 'nextAttemptAt'>;

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
      `INSERT INTO outbox (queue, recipient, role, content, sent_at, ttl, message, copy)
       VALUES (@queue, @recipient, @role, @content, @sentAt, @ttl, @messageId, @copy)`,
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

  /** Sending this message was tried before, although nothing is recorded of it here. */
  noteAttempt(messageId: number): void {
    this.#database.run(
      `UPDATE outbox SET attempts = max(attempts, 1) WHERE message = @messageId AND role = 'message'`,
      { messageId },
    );
  }

  /** Has sending a message that waits been tried before? */
  wasAttempted(messageId: number): boolean {
    const sql = `SELECT 1 FROM outbox WHERE message = @messageId AND role = 'message' AND attempts > 0`;
    return this.#database.get(sql, { messageId }) !== null;
  }

  /** Takes a message back that has not been stored, as far as is known. */
  removeMessage(messageId: number): void {
    this.#database.run(`DELETE FROM outbox WHERE message = @messageId AND role = 'message'`, { messageId });
  }
}

function entryOf(row: Row): OutboxEntry {
  return {
    id: row.id as number,
    queue: row.queue as string,
    recipient: row.recipient as string,
    role: row.role as OutboxRole,
    content: row.content as Uint8Array | null,
    sentAt: row.sent_at as number,
    ttl: row.ttl as number,
    messageId: row.message as number | null,
    copy: row.copy as Uint8Array | null,
    attempts: row.attempts as number,
    unreachableSince: row.unreachable_since as number | null,
    nextAttemptAt: row.next_attempt_at as number,
  };
}
