import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes } from '@sotto/wire/bytes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../testing/seeded-random.ts';
import { Database } from './database.ts';
import { SharedTable } from './shared-table.ts';

const CONTACTS = 3;
const random = seededRandom('shared table');
const LARGE = random(200_000);
const EDITED = concatBytes(LARGE.subarray(0, 90_000), random(20), LARGE.subarray(90_000));
let folder: string;
let database: Database;
let table: SharedTable;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-shared-table-'));
  database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  table = new SharedTable(database);
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const state = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const read = (namespace: number) => {
  const { state, message } = table.config(namespace)!.dump;
  return { state: new Uint8Array(state), message };
};
const without = (ids: ReadonlySet<number>, others: ReadonlySet<number>) => [...ids].filter((id) => !others.has(id));
const pieces = () => new Set(database.all('SELECT rowid AS id FROM shared_pieces').map(({ id }) => id as number));

test('a config is read as it was written, each in its namespace', () => {
  table.putDump(CONTACTS, { state: state('a'), message: LARGE }, 'one');
  table.putDump(4, { state: state('b'), message: EDITED }, 'two');
  expect(read(CONTACTS)).toEqual({ state: state('a'), message: LARGE });
  expect(read(4)).toEqual({ state: state('b'), message: EDITED });
});

test('of another message only what is different is written, and what is not needed any more goes', () => {
  table.putDump(CONTACTS, { state: state('a'), message: LARGE }, 'one');
  const before = pieces();
  table.putDump(CONTACTS, { state: state('b'), message: EDITED }, 'two');
  const after = pieces();
  expect(before.size).toBeGreaterThan(20);
  expect(without(before, after).length).toBeLessThan(6);
  expect(without(after, before).length).toBeLessThan(6);
  expect(read(CONTACTS)).toEqual({ state: state('b'), message: EDITED });
  table.putDump(CONTACTS, { state: state('c'), message: new Uint8Array(1) }, 'three');
  expect(pieces().size).toBe(1);
});

test('a message that repeats itself is kept whole', () => {
  const repeating = concatBytes(LARGE, LARGE, new Uint8Array(200_000));
  table.putDump(CONTACTS, { state: state('a'), message: repeating }, 'one');
  expect(read(CONTACTS).message).toEqual(repeating);
  table.putDump(CONTACTS, { state: state('b'), message: concatBytes(LARGE, EDITED) }, 'two');
  expect(read(CONTACTS).message).toEqual(concatBytes(LARGE, EDITED));
});

test('of the same message only the state is written', () => {
  table.putDump(CONTACTS, { state: state('pushed'), message: LARGE }, 'one');
  const before = pieces();
  table.putDump(CONTACTS, { state: state('confirmed'), message: LARGE }, 'one');
  expect(pieces()).toEqual(before);
  expect(read(CONTACTS)).toEqual({ state: state('confirmed'), message: LARGE });
});

test('a piece that is missing is damage', () => {
  table.putDump(CONTACTS, { state: state('a'), message: LARGE }, 'one');
  database.run('DELETE FROM shared_pieces WHERE rowid = (SELECT max(rowid) FROM shared_pieces)');
  expect(() => table.config(CONTACTS)).toThrow(expect.objectContaining({ code: 'profile-damaged' }));
});

test('a transaction that is undone leaves what was there, and what is written next is whole', () => {
  table.putDump(CONTACTS, { state: state('a'), message: LARGE }, 'one');
  const undone = () =>
    database.transaction(() => {
      table.putDump(CONTACTS, { state: state('b'), message: EDITED }, 'two');
      throw new Error('undo');
    });
  expect(undone).toThrow('undo');
  expect(read(CONTACTS)).toEqual({ state: state('a'), message: LARGE });
  const third = concatBytes(EDITED, random(100));
  table.putDump(CONTACTS, { state: state('c'), message: third }, 'three');
  expect(read(CONTACTS)).toEqual({ state: state('c'), message: third });
});
