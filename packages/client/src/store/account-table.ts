import type { ChangeOrigin } from './conversation-table.ts';
import type { Database } from './database.ts';

/** How far the last timestamp may lie ahead of the clock and still count; beyond that the clock was wrong before. */
const CLOCK_CORRECTION_MS = 60_000;

/** What a profile begins with. */
export interface NewAccount {
  readonly seed16: Uint8Array;
  readonly name: string;
  /** When the name was set, ms; 0 if it never was on this device. */
  readonly nameChangedAt: number;
  /** When this device got the account, ms. */
  readonly createdAt: number;
}

/** How we present ourselves. */
export interface OwnProfile {
  readonly name: string;
  /** When it was changed last, ms; 0 if it never was on this device. */
  readonly changedAt: number;
  /** Where others load the picture from; absent without one, and until it is uploaded. */
  readonly picture: { readonly url: string; readonly key: Uint8Array } | null;
  /** The picture on this device. */
  readonly pictureBlob: string | null;
  /** When it was uploaded last, ms; 0 if it was not. */
  readonly pictureUploadedAt: number;
}

/** What of our profile was changed here; `pictureAgain`: the same picture has another address. */
type ProfileChange = 'name' | 'picture' | 'pictureAgain';

/** The one account of the profile. */
export class AccountTable {
  readonly #database: Database;
  readonly #listeners: ((fields: readonly ProfileChange[]) => void)[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  create(account: NewAccount): void {
    this.#database.run(
      `INSERT INTO account (only, seed, name, name_changed_at, last_timestamp, created_at)
       VALUES (1, @seed, @name, @changedAt, 0, @createdAt)`,
      {
        seed: account.seed16,
        name: account.name,
        changedAt: account.nameChangedAt,
        createdAt: account.createdAt,
      },
    );
  }

  /** The 16 bytes of the account, for the caller to wipe; `null` in a database whose creation did not finish. */
  seed(): Uint8Array | null {
    const row = this.#database.get('SELECT seed FROM account');
    return row && (row.seed as Uint8Array);
  }

  /** When this device got the account, ms. */
  createdAt(): number {
    return this.#database.get('SELECT created_at FROM account')?.created_at as number;
  }

  setCreatedAt(createdAt: number): void {
    this.#database.run('UPDATE account SET created_at = @createdAt', { createdAt });
  }

  profile(): OwnProfile {
    const row = this.#database.get(
      'SELECT name, name_changed_at, picture_url, picture_key, picture_blob, picture_uploaded_at FROM account',
    )!;
    const { picture_url: url, picture_key: key } = row;
    return {
      name: row.name as string,
      changedAt: row.name_changed_at as number,
      picture: url === null ? null : { url: url as string, key: key as Uint8Array },
      pictureBlob: row.picture_blob as string | null,
      pictureUploadedAt: row.picture_uploaded_at as number,
    };
  }

  /** Calls `listener` for every change of the profile whose origin is this device, inside its transaction. */
  onChange(listener: (fields: readonly ProfileChange[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Changes some of it; `changedAt` is when the person did so. */
  setProfile(change: Partial<OwnProfile> & Pick<OwnProfile, 'changedAt'>, origin: ChangeOrigin = 'here'): void {
    const before = this.profile();
    const after = { ...before, ...change };
    const { name, picture, pictureBlob, pictureUploadedAt, changedAt } = after;
    this.#database.transaction(() => {
      this.#database.run(
        `UPDATE account SET name = @name, name_changed_at = @changedAt, picture_url = @url, picture_key = @key,
           picture_blob = @pictureBlob, picture_uploaded_at = @pictureUploadedAt`,
        { name, changedAt, url: picture?.url ?? null, key: picture?.key ?? null, pictureBlob, pictureUploadedAt },
      );
      if (origin === 'here') for (const listener of this.#listeners) listener(changesBetween(before, after));
    });
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
    const sql = `SELECT 1 FROM messages WHERE author = @author AND sent_at = @sentAt
      UNION ALL SELECT 1 FROM versions WHERE author = @author AND sent_at = @sentAt
      UNION ALL SELECT 1 FROM unsent WHERE author = @author AND sent_at = @sentAt LIMIT 1`;
    return this.#database.get(sql, { author, sentAt }) !== null;
  }
}

function changesBetween(before: OwnProfile, after: OwnProfile): ProfileChange[] {
  const changes: ProfileChange[] = before.name === after.name ? [] : ['name'];
  if (before.picture?.url === after.picture?.url && before.pictureBlob === after.pictureBlob) return changes;
  // One that was chosen is told when others can load it.
  if (after.picture === null && after.pictureBlob !== null) return changes;
  const isSame = before.picture !== null && before.pictureBlob === after.pictureBlob;
  return [...changes, isSame ? 'pictureAgain' : 'picture'];
}
