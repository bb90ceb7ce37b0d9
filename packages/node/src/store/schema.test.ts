import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EVERYTHING } from '@sotto/wire/sync';
import { expect, test } from 'vitest';
import { openSqliteStore } from './sqlite-store.ts';

/** What the first version wrote; it stays as it was. */
const FIRST = `
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
  `;

test('a database of the first version keeps what is in it, and learns what is new', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-schema-'));
  const path = join(folder, 'messages.db');
  const database = new DatabaseSync(path);
  database.exec(FIRST);
  database.exec(`INSERT INTO meta VALUES ('schema_version', 1)`);
  const account = new Uint8Array(33).fill(5);
  const node = new Uint8Array(32).fill(7);
  database
    .prepare('INSERT INTO messages (hash, account, namespace, timestamp, expiry, data) VALUES (?, ?, 0, 1, 2, ?)')
    .run('A'.repeat(43), account, new Uint8Array([1, 2]));
  database.prepare('INSERT INTO revocations (account, token, revoked_at) VALUES (?, ?, 1)').run(account, node);
  database.prepare('INSERT INTO deliveries VALUES (?, 0)').run(node);
  database.close();
  for (let start = 0; start < 2; start++) {
    const store = openSqliteStore({ path });
    expect(store.retrieve(account, 0, { maxSize: 1e6 }).messages).toMatchObject([{ hash: 'A'.repeat(43), expiry: 2 }]);
    expect(store.isRevoked(account, node)).toBe(true);
    expect(store.debts.deliveries()).toEqual([{ node, afterSequence: 0 }]);
    await store.sync.load(() => true, new AbortController().signal);
    expect(await store.sync.summaries([EVERYTHING])).toMatchObject([{ count: 1 }]);
    await store.close();
  }
  rmSync(folder, { recursive: true });
});
