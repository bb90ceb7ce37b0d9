import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from './database.ts';
import { EarlyAnswerTable, VersionTable } from './reference-tables.ts';

const THEM = `05${'bb'.repeat(32)}`;
let folder: string;
let database: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-references-'));
  database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

test('versions are known as long as their message is here, and as long as something about them may come', () => {
  const versions = new VersionTable(database);
  database.script(`INSERT INTO conversations (id, last_activity_at) VALUES ('${THEM}', 1);
    INSERT INTO messages (conversation, author, outgoing, sent_at, placed_at, body, unread)
      VALUES ('${THEM}', '${THEM}', 0, 1, 1, 'here', 0)`);
  const add = (sentAt: number, firstSentAt: number, now: number) =>
    versions.add({ author: THEM, sentAt }, firstSentAt, now);
  add(11, 1, 100);
  add(12, 2, 100);
  add(13, 2, 200);
  const known = () => [11, 12, 13].filter((sentAt) => versions.first({ author: THEM, sentAt }).sentAt !== sentAt);
  versions.prune(100);
  expect(known()).toEqual([11, 12, 13]);
  versions.prune(200);
  expect(known()).toEqual([11, 13]);
  database.script('DELETE FROM messages');
  versions.prune(201);
  expect(known()).toEqual([]);
});

test('answers to what nobody asked are forgotten when there are too many, or old', () => {
  const answers = new EarlyAnswerTable(database);
  for (let peer = 0; peer < 1002; peer++) answers.add(`peer ${peer}`, 5, peer);
  answers.prune(1);
  expect([0, 1, 2, 1001].map((peer) => answers.take(`peer ${peer}`))).toEqual([null, null, 5, 5]);
  answers.prune(5);
  expect([4, 5].map((peer) => answers.take(`peer ${peer}`))).toEqual([null, 5]);
});

test('the next chore is found without looking at all of them', () => {
  for (const sql of [
    'SELECT min(next_attempt_at) AS next FROM chores',
    'SELECT kind FROM chores WHERE next_attempt_at <= 5 LIMIT 1',
  ]) {
    expect(JSON.stringify(database.all(`EXPLAIN QUERY PLAN ${sql}`))).toContain('chores_by_time');
  }
});
