import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from './database.ts';

const KEY = new Uint8Array(32).fill(1);
const OTHER_KEY = new Uint8Array(32).fill(2);
let folder: string;
let path: string;
let database: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-database-'));
  path = join(folder, 'profile.db');
  database = Database.open(path, KEY, 'create');
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, value = 'x') =>
  database.run('INSERT INTO settings (name, value) VALUES (@name, @value)', { name, value });
const names = () => database.all('SELECT name FROM settings ORDER BY name').map(({ name }) => name);

test('a transaction is all or nothing; one inside another is undone alone', () => {
  database.transaction(() => {
    put('a');
    expect(() =>
      database.transaction(() => {
        put('b');
        throw new Error('undo');
      }),
    ).toThrow('undo');
    database.transaction(() => put('c'));
  });
  expect(() =>
    database.transaction(() => {
      put('d');
      database.transaction(() => put('e'));
      throw new Error('undo all');
    }),
  ).toThrow('undo all');
  expect(names()).toEqual(['a', 'c']);
  put('f');
  expect(names()).toEqual(['a', 'c', 'f']);
});

test('only its key opens it, and the key can be changed', () => {
  put('kept');
  database.close();
  expect(() => Database.open(path, OTHER_KEY, 'existing')).toThrow(
    expect.objectContaining({ code: 'profile-damaged' }),
  );
  database = Database.open(path, KEY, 'existing');
  database.changeKey(KEY, OTHER_KEY);
  put('later');
  database.close();
  expect(() => Database.open(path, KEY, 'existing')).toThrow(expect.objectContaining({ code: 'profile-damaged' }));
  database = Database.open(path, OTHER_KEY, 'existing');
  expect(names()).toEqual(['kept', 'later']);
});

test('what a crash leaves in the log is there after the next start', () => {
  put('in the log');
  expect(existsSync(`${path}-wal`)).toBe(true);
  expect(existsSync(`${path}-shm`)).toBe(false);
  expect(() => Database.open(path, KEY, 'existing')).toThrow(expect.objectContaining({ code: 'profile-in-use' }));
});

test('a closed one says so, and one of a newer version is not touched', () => {
  database.script('PRAGMA user_version = 999');
  database.close();
  database.close();
  expect(() => put('x')).toThrow(expect.objectContaining({ code: 'closed' }));
  expect(() => Database.open(path, KEY, 'existing')).toThrow(/newer version/);
  expect(() => Database.open(join(folder, 'none.db'), KEY, 'existing')).toThrow(
    expect.objectContaining({ code: 'profile-damaged' }),
  );
  expect(existsSync(join(folder, 'none.db'))).toBe(false);
});

test('a profile of the first version keeps its messages, and none of them stands in the future', () => {
  database.script(`DROP INDEX messages_in_order; ALTER TABLE messages DROP COLUMN placed_at; PRAGMA user_version = 1;
    CREATE INDEX messages_in_order ON messages (conversation, sent_at, id);
    INSERT INTO conversations (id, last_activity_at) VALUES ('x', 1);
    INSERT INTO messages (conversation, author, outgoing, sent_at, body, delivery, unread) VALUES
      ('x', 'us', 1, 5, 'a', 'stored', 0), ('x', 'them', 0, 6, 'b', NULL, 1), ('x', 'them', 0, 1 << 53, 'c', NULL, 1)`);
  database.close();
  const before = Date.now();
  database = Database.open(path, KEY, 'existing');
  const rows = database.all('SELECT body, sent_at, placed_at FROM messages ORDER BY placed_at');
  expect(rows.map(({ body, placed_at }) => [body, placed_at]).slice(0, 2)).toEqual([
    ['a', 5],
    ['b', 6],
  ]);
  expect(Math.abs((rows[2]!.placed_at as number) - before)).toBeLessThan(60_000);
  expect(rows[2]!.sent_at).toBe(2 ** 53);
});

test('a full disk is told as such, and what was written before is intact', () => {
  put('before');
  database.script('PRAGMA max_page_count = 40');
  const fill = () => {
    for (let number = 0; ; number++) put(`${number}`, 'x'.repeat(2000));
  };
  expect(() => database.transaction(fill)).toThrow(expect.objectContaining({ code: 'disk-full' }));
  expect(names()).toEqual(['before']);
  put('after');
  expect(names()).toEqual(['after', 'before']);
});
