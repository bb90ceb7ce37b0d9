import type { Database } from './database.ts';

/** Hashes of messages that were dealt with, kept until no node has them any more (messages §7 step 3). */
export class SeenTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  has(namespace: number, hash: string): boolean {
    const sql = 'SELECT 1 FROM seen WHERE namespace = @namespace AND hash = @hash';
    return this.#database.get(sql, { namespace, hash }) !== null;
  }

  /** Call it in the transaction of the message's effect. */
  add(namespace: number, hash: string, expiresAt: number): void {
    this.#database.run(
      `INSERT INTO seen (namespace, hash, expires_at) VALUES (@namespace, @hash, @expiresAt)
       ON CONFLICT DO UPDATE SET expires_at = max(expires_at, @expiresAt)`,
      { namespace, hash, expiresAt },
    );
  }

  prune(now: number): void {
    this.#database.run('DELETE FROM seen WHERE expires_at < @now', { now });
  }
}

/** Where in a node's list of messages we are, per (node, account, namespace) (onion-requests §5.3). */
export class CursorTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The hash of the last message that was read there; empty text for the beginning. `node` is its key in hex. */
  get(node: string, account: string, namespace: number): string {
    const row = this.#database.get(
      'SELECT hash FROM cursors WHERE node = @node AND account = @account AND namespace = @namespace',
      { node, account, namespace },
    );
    return (row?.hash as string | undefined) ?? '';
  }

  set(node: string, account: string, namespace: number, hash: string, expiresAt: number): void {
    this.#database.run(
      `INSERT INTO cursors (node, account, namespace, hash, expires_at)
       VALUES (@node, @account, @namespace, @hash, @expiresAt)
       ON CONFLICT DO UPDATE SET hash = @hash, expires_at = @expiresAt`,
      { node, account, namespace, hash, expiresAt },
    );
  }

  /** Messages that we had deleted are no place to go on from: another device may store the same ones again, later. */
  forget(account: string, hashes: readonly string[]): void {
    for (const hash of hashes) {
      this.#database.run('DELETE FROM cursors WHERE account = @account AND hash = @hash', { account, hash });
    }
  }

  prune(now: number): void {
    this.#database.run('DELETE FROM cursors WHERE expires_at < @now', { now });
  }
}
