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
