import type { Database } from './database.ts';

/** How far the last timestamp may lie ahead of the clock and still count; beyond that the clock was wrong before. */
const CLOCK_CORRECTION_MS = 60_000;

/** What a profile keeps of its account. */
export interface StoredAccount {
  readonly seed16: Uint8Array;
  readonly name: string;
  /** When the name was set, ms; 0 if it never was on this device. */
  readonly nameChangedAt: number;
}

/** The one account of the profile. */
export class AccountTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  create(account: StoredAccount): void {
    this.#database.run(
      `INSERT INTO account (only, seed, name, name_changed_at, last_timestamp)
       VALUES (1, @seed, @name, @changedAt, 0)`,
      { seed: account.seed16, name: account.name, changedAt: account.nameChangedAt },
    );
  }

  /** The 16 bytes of the account, for the caller to wipe; `null` in a database whose creation did not finish. */
  seed(): Uint8Array | null {
    const row = this.#database.get('SELECT seed FROM account');
    return row && (row.seed as Uint8Array);
  }

  /** What others see of the account; without the secret. */
  profile(): Pick<StoredAccount, 'name' | 'nameChangedAt'> {
    const row = this.#database.get('SELECT name, name_changed_at FROM account');
    return { name: row?.name as string, nameChangedAt: row?.name_changed_at as number };
  }

  setName(name: string, changedAt: number): void {
    this.#database.run('UPDATE account SET name = @name, name_changed_at = @changedAt', { name, changedAt });
  }

  /**
   * A timestamp for a new message of this account, `now` or a little later: never used before, and later than the one
   * before it unless the clock was set back by more than a minute (messages §5.1).
   */
  nextTimestamp(accountId: string, now: number): number {
    const last = this.#database.get('SELECT last_timestamp AS last FROM account')?.last as number;
    let timestamp = now > last || last - now > CLOCK_CORRECTION_MS ? now : last + 1;
    while (this.#isUsed(accountId, timestamp)) timestamp++;
    this.#database.run('UPDATE account SET last_timestamp = @timestamp', { timestamp });
    return timestamp;
  }

  #isUsed(author: string, sentAt: number): boolean {
    const sql = 'SELECT 1 FROM messages WHERE author = @author AND sent_at = @sentAt';
    return this.#database.get(sql, { author, sentAt }) !== null;
  }
}
