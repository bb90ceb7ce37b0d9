import type { Database } from './database.ts';

/** One-time tokens of our contact links that were used, until they expire. */
export class ContactTokenTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns whether it had not been used before. */
  use(token: Uint8Array, expiresAt: number): boolean {
    const sql = 'INSERT INTO contact_tokens (token, expires_at) VALUES (@token, @expiresAt) ON CONFLICT DO NOTHING';
    return this.#database.run(sql, { token, expiresAt }).changes > 0;
  }

  prune(now: number): void {
    this.#database.run('DELETE FROM contact_tokens WHERE expires_at <= @now', { now });
  }
}
