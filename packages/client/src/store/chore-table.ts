import type { DeletionReport } from '../engine.ts';
import type { Database } from './database.ts';

/** Something that our own mailbox still has to do with one of its messages. */
export interface Chore {
  readonly hash: string;
  readonly kind: 'delete' | 'shorten';
  /** For `shorten`: when the mailbox is to forget it, ms. */
  readonly expiresAt: number;
  /** The message that it is, or was. */
  readonly messageId: number | null;
  readonly attempts: number;
}

/** What our own mailbox still has to do, and how far deletions for everyone have come; survives restarts. */
export class ChoreTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Has a hash deleted from our own mailbox. */
  addDeletion(hash: string, messageId: number | null): void {
    this.#add(hash, 'delete', 0, messageId);
  }

  /** Has our own mailbox forget a hash earlier. */
  addShortening(hash: string, expiresAt: number, messageId: number): void {
    this.#add(hash, 'shorten', expiresAt, messageId);
  }

  /** Up to `limit` that are due, all of one kind. */
  due(now: number, limit: number): Chore[] {
    const kind = this.#database.get('SELECT kind FROM chores WHERE next_attempt_at <= @now LIMIT 1', { now })?.kind;
    if (kind === undefined) return [];
    return this.#database
      .all('SELECT * FROM chores WHERE kind = @kind AND next_attempt_at <= @now LIMIT @limit', { kind, now, limit })
      .map((row) => ({
        hash: row.hash as string,
        kind: row.kind as Chore['kind'],
        expiresAt: row.expires_at as number,
        messageId: row.message as number | null,
        attempts: row.attempts as number,
      }));
  }

  /** When the next one is due (local time, ms); `null` if nothing is to do. */
  nextAttemptAt(): number | null {
    return this.#database.get('SELECT min(next_attempt_at) AS next FROM chores')?.next as number | null;
  }

  /** Lets everything be tried again at once, because the network is back. */
  wake(): void {
    this.#database.run('UPDATE chores SET next_attempt_at = 0 WHERE next_attempt_at > 0');
  }

  postpone({ hash, kind, attempts }: Chore, nextAttemptAt: number): void {
    this.#database.run(
      'UPDATE chores SET attempts = @attempts, next_attempt_at = @nextAttemptAt WHERE hash = @hash AND kind = @kind',
      { hash, kind, attempts: attempts + 1, nextAttemptAt },
    );
  }

  remove({ hash, kind }: Pick<Chore, 'hash' | 'kind'>): void {
    this.#database.run('DELETE FROM chores WHERE hash = @hash AND kind = @kind', { hash, kind });
  }

  /** Begins the report of a deletion for everyone. */
  openReport(messageId: number): void {
    this.#database.run(
      'INSERT INTO deletions (message, nodes, of_nodes, told) VALUES (@messageId, 0, 0, 0) ON CONFLICT DO NOTHING',
      { messageId },
    );
  }

  /** So many nodes of our mailbox confirmed. */
  reportNodes(messageId: number, nodes: number, ofNodes: number): void {
    this.#database.run(
      'UPDATE deletions SET nodes = max(nodes, @nodes), of_nodes = @ofNodes WHERE message = @messageId',
      { messageId, nodes, ofNodes },
    );
  }

  /** The request is in the mailbox of the other side. */
  reportTold(messageId: number): void {
    this.#database.run('UPDATE deletions SET told = 1 WHERE message = @messageId', { messageId });
  }

  report(messageId: number): DeletionReport | null {
    const row = this.#database.get('SELECT * FROM deletions WHERE message = @messageId', { messageId });
    return row && { nodes: row.nodes as number, ofNodes: row.of_nodes as number, otherSideTold: row.told === 1 };
  }

  #add(hash: string, kind: Chore['kind'], expiresAt: number, messageId: number | null): void {
    this.#database.run(
      `INSERT INTO chores (hash, kind, expires_at, message) VALUES (@hash, @kind, @expiresAt, @messageId)
       ON CONFLICT DO UPDATE SET expires_at = min(expires_at, @expiresAt), message = coalesce(message, @messageId)`,
      { hash, kind, expiresAt, messageId },
    );
  }
}
