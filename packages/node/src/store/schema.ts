import type { DatabaseSync } from 'node:sqlite';
import { StoreFailure } from './message-store.ts';

/** The script at index n takes a database from version n to n + 1. Scripts that were released never change. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE messages (
    sequence INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    account BLOB NOT NULL,
    namespace INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    expiry INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE INDEX messages_by_mailbox ON messages (account, namespace);
  CREATE INDEX messages_by_expiry ON messages (expiry);
  CREATE TABLE revocations (
    sequence INTEGER PRIMARY KEY,
    account BLOB NOT NULL,
    token BLOB NOT NULL,
    revoked_at INTEGER NOT NULL,
    UNIQUE (account, token)
  ) STRICT;
  CREATE TABLE deliveries (node BLOB PRIMARY KEY, after_sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE missed_requests (
    sequence INTEGER PRIMARY KEY,
    node BLOB NOT NULL,
    method TEXT NOT NULL,
    params BLOB NOT NULL,
    missed_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE operations (
    id INTEGER PRIMARY KEY,
    account BLOB NOT NULL,
    method TEXT NOT NULL,
    params BLOB NOT NULL,
    kept_until INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX operations_by_end ON operations (kept_until);
  CREATE TABLE changes (
    account BLOB NOT NULL,
    hash TEXT NOT NULL,
    revision INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    expiry INTEGER NOT NULL,
    operation INTEGER,
    kept_until INTEGER NOT NULL,
    PRIMARY KEY (account, hash)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX changes_by_hash ON changes (hash);
  CREATE INDEX changes_by_end ON changes (kept_until);
  CREATE INDEX changes_by_operation ON changes (operation);
  `,
];

/**
 * Brings a database, new or of an earlier version, to the current schema.
 * @throws StoreFailure `failed` if a later version of the program has written it.
 */
export function migrate(database: DatabaseSync): void {
  const found = schemaVersion(database);
  if (found > MIGRATIONS.length) {
    throw new StoreFailure('failed', 'the message database was written by a newer version of this program');
  }
  for (let version = found; version < MIGRATIONS.length; version++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(MIGRATIONS[version]!);
      database
        .prepare(`INSERT INTO meta VALUES ('schema_version', ?) ON CONFLICT DO UPDATE SET value = excluded.value`)
        .run(version + 1);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}

function schemaVersion(database: DatabaseSync): number {
  const hasMeta = database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'`).get();
  if (!hasMeta) return 0;
  const row = database.prepare(`SELECT value FROM meta WHERE key = 'schema_version'`).get();
  return typeof row?.value === 'number' ? row.value : 0;
}
