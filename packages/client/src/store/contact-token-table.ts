import type { Database } from './database.ts';

/** One-time tokens of contact links that we handed out. */
export class ContactTokenTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(token: Uint8Array, expiresAt: number): void {
    this.#database.run('INSERT INTO contact_tokens (token, expires_at) VALUES (@token, @expiresAt)', {
      token,
      expiresAt,
    });
  }

  /** Whether it is one of ours and still valid; then it is used up. */
  use(token: Uint8Array, now: number): boolean {
    const sql = 'DELETE FROM contact_tokens WHERE token = @token AND expires_at > @now';
    return this.#database.run(sql, { token, now }).changes > 0;
  }

  prune(now: number): void {
    this.#database.run('DELETE FROM contact_tokens WHERE expires_at <= @now', { now });
  }
}
