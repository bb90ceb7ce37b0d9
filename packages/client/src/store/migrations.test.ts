import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from '@signalapp/sqlcipher';
import { accessors, ConfigObject, contacts, userConfigOptions } from '@sotto/config';
import { deriveAccount } from '@sotto/wire/account';
import { encodeBt } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SharedConfigs } from '../account/shared-state/shared-configs.ts';
import { Database } from './database.ts';
import { ProfileStore } from './profile-store.ts';
import { FIRST } from './schema/version-1.ts';
import { SECOND } from './schema/version-2.ts';
import { THIRD } from './schema/version-3.ts';
import { FOURTH } from './schema/version-4.ts';
import { FIFTH } from './schema/version-5.ts';
import { SIXTH } from './schema/version-6.ts';

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
  sqlite.initTokenizer();
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
  // What was between them is settled: nothing that comes makes a new notice of it.
  expect(store.conversations.state(THEM)).toMatchObject({ askedAt: 9, answeredAt: 0, wroteAt: 0 });
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

test('a profile of the sixth version keeps its shared state, a push on its way included', () => {
  const account = deriveAccount(new Uint8Array(16).fill(1));
  const config = new ConfigObject(userConfigOptions(contacts, account));
  accessors(contacts, config, null).contacts.set(THEM, { nickname: 'Bee' });
  config.merge([], 0);
  const { messages } = config.push(0);
  const { message } = config.snapshot();
  const dump = encodeBt({
    ...{ base: 'de', current: ['old'], early: false, message: message.bytes, old: [], original: 'de', parts: [] },
    ...{ state: 2, version: 1 },
  });
  const path = older(
    [FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH],
    `INSERT INTO account (only, seed, name, name_changed_at, last_timestamp) VALUES (1, x'01', 'Ada', 5, 7);
    INSERT INTO shared_configs (namespace, dump, deleting, told_at) VALUES (3, x'${bytesToHex(dump)}', '["gone"]', 9);
    INSERT INTO versions (author, sent_at, first_sent_at) VALUES ('${THEM}', 6, 5);
    INSERT INTO seen (namespace, hash, expires_at) VALUES (0, 'hash', 99)`,
  );
  const database = Database.open(path, KEY, 'existing');
  const store = new ProfileStore(database, account.accountId);
  const check = (configs: SharedConfigs) => {
    const loaded = configs.get(3);
    expect(configs.contacts(0).list()).toMatchObject([{ id: THEM, nickname: 'Bee' }]);
    expect(loaded.state).toBe('waiting');
    expect([...loaded.obsoleteHashes]).toEqual(['gone']);
    return loaded;
  };
  const configs = new SharedConfigs(store, account);
  expect(check(configs).push(0).messages).toEqual(messages);
  configs.get(3).returnObsolete(['gone']);
  configs.change(() => {});
  expect(database.get('SELECT count(*) AS count FROM shared_pieces WHERE namespace = 3')).toEqual({ count: 1 });
  check(new SharedConfigs(store, account)).confirm(1n, ['new']);
  expect(store.shared.toldAt(3)).toBe(9);
  expect(store.versions.first({ author: THEM, sentAt: 6 })).toEqual({ author: THEM, sentAt: 5 });
  expect(store.seen.has(0, 'hash')).toBe(true);
  database.close();
});
