import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from '@signalapp/sqlcipher';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from './database.ts';
import { ProfileStore } from './profile-store.ts';
import { FIRST } from './schema/version-1.ts';
import { SECOND } from './schema/version-2.ts';

const KEY = new Uint8Array(32).fill(1);
const US = `05${'aa'.repeat(32)}`;
const THEM = `05${'bb'.repeat(32)}`;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-migrations-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A database as an older version of this program left it. */
function older(scripts: readonly string[], content: string): string {
  const path = join(folder, 'profile.db');
  const sqlite = new Sqlite(path);
  sqlite.pragma(`key = "x'${Buffer.from(KEY).toString('hex')}'"`);
  for (const script of scripts) sqlite.exec(script);
  sqlite.exec(`${content}; PRAGMA user_version = ${scripts.length}`);
  sqlite.close();
  return path;
}

const CONTENT = `
  INSERT INTO account (only, seed, name, name_changed_at, last_timestamp) VALUES (1, x'01', 'Ada', 5, 7);
  INSERT INTO settings (name, value) VALUES ('theme', 'dark'), ('phraseConfirmed', 'true');
  INSERT INTO conversations (id, name, name_changed_at, approved, approved_us, last_activity_at) VALUES ('${THEM}', 'Ben', 3000, 1, 1, 9)`;

test('a profile of the first version keeps its messages, and none of them stands in the future', () => {
  const path = older(
    [FIRST],
    `${CONTENT}; INSERT INTO messages (conversation, author, outgoing, sent_at, body, delivery, unread) VALUES
      ('${THEM}', '${US}', 1, 5, 'a', 'stored', 0), ('${THEM}', '${THEM}', 0, 6, 'b', NULL, 1),
      ('${THEM}', '${THEM}', 0, 1 << 53, 'c', NULL, 1)`,
  );
  const before = Date.now();
  const database = Database.open(path, KEY, 'existing');
  const { messages } = new ProfileStore(database, US).messageView.page(THEM, undefined, 10);
  database.close();
  expect(messages.map(({ body, sentAt }) => [body, sentAt]).slice(0, 2)).toEqual([
    ['a', 5],
    ['b', 6],
  ]);
  expect(Math.abs(messages[2]!.sentAt - before)).toBeLessThan(60_000);
});

test('a profile of the second version keeps all it had, and what waited is sent', () => {
  const path = older(
    [FIRST, SECOND],
    `${CONTENT}; INSERT INTO messages (id, conversation, author, outgoing, sent_at, placed_at, body, delivery, failure, unread) VALUES
      (3, '${THEM}', '${US}', 1, 5, 5, 'waits', 'waiting', NULL, 0), (4, '${THEM}', '${THEM}', 0, 6, 6, 'came', NULL, NULL, 1),
      (9, '${THEM}', '${US}', 1, 7, 7, 'failed', 'failed', 'refused', 0);
    INSERT INTO outbox (id, queue, recipient, content, sent_at, message, copy, attempts) VALUES
      (2, 'copies', '${US}', x'0102', 4, NULL, NULL, 0), (5, '${THEM}', '${THEM}', x'03', 5, 3, x'04', 2),
      (6, '${THEM}', '${THEM}', x'05', 8, NULL, NULL, 0)`,
  );
  const database = Database.open(path, KEY, 'existing');
  const store = new ProfileStore(database, US);
  expect(store.messageView.page(THEM, undefined, 10).messages).toMatchObject([
    { id: '3', kind: 'message', direction: 'out', body: 'waits', delivery: 'waiting', edited: false, deleted: false },
    { id: '4', direction: 'in', body: 'came', delivery: null },
    { id: '9', delivery: 'failed', failure: 'refused' },
  ]);
  expect(store.conversationView.list()).toMatchObject([
    { id: THEM, name: 'Ben', nickname: null, unread: 1, isRequest: false, lastMessage: { id: '9' } },
  ]);
  expect(store.conversations.state(THEM)).toMatchObject({ profileAt: 3000, createdAt: 9, priority: 0, approved: true });
  expect(store.settings.read()).toMatchObject({ theme: 'dark', phraseConfirmed: true, readReceipts: false });
  expect(store.account.profile()).toEqual({
    name: 'Ada',
    changedAt: 5,
    picture: null,
    pictureBlob: null,
    pictureUploadedAt: 0,
  });
  const waiting = database
    .all('SELECT * FROM outbox ORDER BY id')
    .map(({ id, role, content, message }) => [id, role, content && [...(content as Uint8Array)], message]);
  expect(waiting).toEqual([
    [2, 'copy', [1, 2], null],
    [5, 'message', null, 3],
    [6, 'control', [5], null],
  ]);
  expect(store.outbox.heads()).toMatchObject([{ id: 2 }, { id: 5, attempts: 2, ttl: 1_209_600_000 }]);
  // Ids are never given twice.
  database.run('DELETE FROM messages WHERE id = 9');
  const inserted = database.run(
    `INSERT INTO messages (conversation, author, outgoing, sent_at, placed_at, body, unread) VALUES (@them, @them, 0, 99, 99, '', 0)`,
    { them: THEM },
  );
  expect(inserted.lastId).toBe(10);
  expect(database.all('PRAGMA foreign_key_check')).toEqual([]);
  database.close();
});
