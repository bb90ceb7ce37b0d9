import { EngineError } from '../engine.ts';
import type { Database } from '../store/database.ts';

/** Made anew, or of no use to the next run. */
const LEFT_OUT = ['safety', 'cursors'];
/** What must not come back, and what exists nowhere else; each is of use without the others. */
const PRECIOUS = ['gone', 'unsent', 'cleared', 'settings', 'contact_tokens'];

/**
 * Copies everything from a damaged database into a new one, which has an empty schema of the same version. All or
 * nothing: half of the messages with all of the hashes that were dealt with would never become whole.
 * @returns whether it could all be read.
 */
export function salvageAll(database: Database, damagedPath: string, key: Uint8Array): boolean {
  return attempt(database, damagedPath, key, (other) => {
    requireSameVersion(database, other);
    const tables = database
      .all(
        `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'message_text*'
         AND name NOT IN (SELECT value FROM json_each(@leftOut))`,
        { leftOut: JSON.stringify(LEFT_OUT) },
      )
      .map(({ name }) => name as string);
    database.transaction(() => {
      database.script('PRAGMA defer_foreign_keys = ON');
      for (const table of tables) database.script(`INSERT INTO main.${table} SELECT * FROM ${other}.${table}`);
      // Numbers that were given away once are not given away again.
      database.script(
        `DELETE FROM main.sqlite_sequence; INSERT INTO main.sqlite_sequence SELECT name, seq FROM ${other}.sqlite_sequence`,
      );
      if (!database.get('SELECT 1 FROM account')) throw new EngineError('profile-damaged', 'there is no account');
    });
  });
}

/**
 * Takes from a damaged database what can be read of its deletions, settings and drafts, and deletes again what it says.
 */
export function salvagePrecious(database: Database, damagedPath: string, key: Uint8Array): void {
  attempt(database, damagedPath, key, (other) => {
    requireSameVersion(database, other);
    const scripts = [
      ...PRECIOUS.map((table) => `INSERT OR REPLACE INTO main.${table} SELECT * FROM ${other}.${table}`),
      `UPDATE main.conversations AS c SET draft = o.draft FROM ${other}.conversations o WHERE o.id = c.id`,
    ];
    for (const script of scripts) attemptOne(() => database.script(script));
  });
  database.script(`
    DELETE FROM messages WHERE
      EXISTS (SELECT 1 FROM gone g WHERE g.author = messages.author AND g.sent_at = messages.sent_at)
      OR EXISTS (SELECT 1 FROM unsent u WHERE u.author = messages.author AND u.sent_at IN (messages.sent_at, messages.version_at))
      OR placed_at <= (SELECT until FROM cleared c WHERE c.conversation = messages.conversation);
    DELETE FROM outbox WHERE role = 'message' AND message NOT IN (SELECT id FROM messages)`);
}

/** Columns of another version would end up in the wrong places. */
function requireSameVersion(database: Database, other: string): void {
  const version = (name: string) => database.get(`PRAGMA ${name}.user_version`)?.user_version;
  if (version('main') !== version(other)) throw new EngineError('profile-damaged', 'it has another version');
}

function attempt(database: Database, path: string, key: Uint8Array, work: (other: string) => void): boolean {
  return attemptOne(() => database.attached(path, key, work));
}

/** Whatever damage does to what is read, it must not end the repair. */
function attemptOne(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof EngineError && (error.code === 'disk-full' || error.code === 'profile-in-use')) throw error;
    return false;
  }
}
