import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leaveOutDisappearing } from '../safety/disappearing.ts';
import { Database } from './database.ts';
import { PLAIN_MESSAGE } from './message-table.ts';
import { ProfileStore } from './profile-store.ts';

const [ALICE, BOB] = [`05${'aa'.repeat(32)}`, `05${'bb'.repeat(32)}`];
let folder: string;
let database: Database;
let store: ProfileStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-words-'));
  database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  store = new ProfileStore(database, ALICE);
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function fill(conversationId: string, count: number, word: string): void {
  store.conversations.ensure(conversationId, 1);
  store.transaction(() => {
    for (let sentAt = 1; sentAt <= count; sentAt++) {
      const body = `${word} all of these are the same few words again and again ${sentAt}`;
      const message = { ...PLAIN_MESSAGE, conversationId, author: conversationId, outgoing: false, body };
      store.messages.insert({ ...message, sentAt, placedAt: sentAt });
    }
  });
}

/** Whether the bytes of the index still hold a word. */
function holds(word: string): boolean {
  const sql = 'SELECT 1 FROM message_text_data WHERE instr(block, CAST(@word AS BLOB)) > 0 LIMIT 1';
  return database.get(sql, { word }) !== null;
}

test.each([10, 600])('the words of %i messages leave the index with them, those of others stay', (count) => {
  fill(ALICE, count, 'xylophone');
  fill(BOB, count, 'zeppelin');
  expect([holds('ylophon'), holds('eppelin')]).toEqual([true, true]);
  store.messages.removeAll(ALICE, Number.MAX_SAFE_INTEGER);
  expect([holds('ylophon'), holds('eppelin')]).toEqual([false, true]);
  expect(store.search.find({ text: 'zeppelin again' }).length).toBeGreaterThan(0);
  expect(store.search.find({ text: 'xylophone' })).toEqual([]);
  expect(database.get(`SELECT v FROM message_text_config WHERE k = 'secure-delete'`)?.v).toBe(1);
  database.script(`INSERT INTO message_text (message_text, rank) VALUES ('integrity-check', 1)`);
});

test('a large conversation is removed without stopping everything else for long', () => {
  fill(ALICE, 10_000, 'xylophone');
  const before = process.cpuUsage();
  store.messages.removeAll(ALICE, Number.MAX_SAFE_INTEGER);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(800);
});

test('so are those that disappear from a copy, with their words', () => {
  fill(ALICE, 600, 'xylophone');
  fill(BOB, 600, 'zeppelin');
  database.run(`UPDATE messages SET expiry_mode = 'after-read', expiry_seconds = 60 WHERE conversation = @id`, {
    id: ALICE,
  });
  const path = join(folder, 'copy.db');
  database.copyTo(path);
  leaveOutDisappearing(database, path, null);
  const words = (copy: string, word: string) =>
    database.get(
      `SELECT count(*) AS count FROM ${copy}.message_text_data WHERE instr(block, CAST(@word AS BLOB)) > 0`,
      {
        word,
      },
    )?.count;
  database.attached(path, null, (copy) => {
    expect(database.get(`SELECT count(*) AS count FROM ${copy}.messages`)?.count).toBe(600);
    expect([words(copy, 'ylophon'), words(copy, 'eppelin')]).toEqual([0, expect.any(Number)]);
    expect(words(copy, 'eppelin')).toBeGreaterThan(0);
  });
  expect(holds('ylophon')).toBe(true);
});
