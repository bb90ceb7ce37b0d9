import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from '../store/database.ts';
import { silentLogger } from '../surroundings.ts';
import { BlobTable } from './blob-table.ts';
import { LocalFiles } from './local-files.ts';

const KEY = new Uint8Array(32).fill(1);
let root: string;
let folder: string;
let database: Database;
let table: BlobTable;
let files: LocalFiles;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-local-'));
  folder = join(root, 'files');
  database = Database.open(join(root, 'profile.db'), KEY, 'create');
  table = new BlobTable(database);
  files = new LocalFiles({ folder, table, random: (size) => randomBytes(size), log: silentLogger });
});

afterEach(() => {
  database.close();
  rmSync(root, { recursive: true, force: true });
});

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const size of sizes) {
    yield bytes.subarray(start, start + size);
    start += size;
  }
  yield bytes.subarray(start);
}

test('a file of any size in any pieces comes back, and nothing of it lies open', async () => {
  const size = fc.oneof(fc.constantFrom(0, 1, 65_535, 65_536, 65_537, 131_072), fc.nat(200_000));
  await fc.assert(
    fc.asyncProperty(size, fc.array(fc.nat(90_000), { maxLength: 4 }), async (bytes, sizes) => {
      const content = randomBytes(bytes);
      const name = await files.add(inPieces(content, sizes));
      expect(files.size(name)).toBe(bytes);
      expect(Buffer.compare(await files.read(name), content)).toBe(0);
      const onDisk = readFileSync(join(folder, name));
      if (bytes >= 16) expect(onDisk.includes(content.subarray(0, 16))).toBe(false);
    }),
    { numRuns: 25 },
  );
});

test('a removed file is gone, with its key', async () => {
  const name = await files.add(randomBytes(10));
  await files.remove(name);
  await files.remove(name);
  expect(readdirSync(folder)).toEqual([]);
  expect(table.names()).toEqual([]);
  expect(files.size(name)).toBeNull();
  await expect(files.read(name)).rejects.toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('a changed, cut, lengthened or lost file is not given out', async () => {
  const content = randomBytes(150_000);
  const name = await files.add(content);
  const path = join(folder, name);
  const sealed = readFileSync(path);
  const refused = () => expect(files.read(name)).rejects.toThrow(expect.objectContaining({ code: 'not-found' }));
  for (const at of [0, 30, 100_000, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    writeFileSync(path, changed);
    await refused();
  }
  for (const end of [0, 10, 24, 65_577, sealed.length - 1]) {
    writeFileSync(path, sealed.subarray(0, end));
    await refused();
  }
  writeFileSync(path, Buffer.concat([sealed, Buffer.of(0)]));
  await refused();
  rmSync(path);
  await refused();
});

test('a source that fails leaves nothing', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield randomBytes(100_000);
    throw new Error('the source failed');
  }
  await expect(files.add(failing())).rejects.toThrow('the source failed');
  expect(readdirSync(folder)).toEqual([]);
  expect(table.names()).toEqual([]);
});

test('what an ended run left is tidied up, and only that', async () => {
  const [kept, lost, unused] = [
    await files.add(randomBytes(5)),
    await files.add(randomBytes(5)),
    await files.add(randomBytes(5)),
  ];
  writeFileSync(join(folder, 'half'), 'x');
  rmSync(join(folder, lost));
  const later = new LocalFiles({ folder, table, random: (size) => randomBytes(size), log: silentLogger });
  await later.tidy();
  expect(readdirSync(folder).sort()).toEqual([kept, unused].sort());
  expect(table.names().sort()).toEqual([kept, unused].sort());
  const writing = Promise.withResolvers<void>();
  async function* slowly(): AsyncGenerator<Uint8Array> {
    yield randomBytes(5);
    await writing.promise;
  }
  const added = later.add(slowly());
  const fresh = await later.add(randomBytes(5));
  await later.tidy(new Set([kept]));
  writing.resolve();
  expect(readdirSync(folder).sort()).toEqual([kept, fresh, await added].sort());
  for (const name of [kept, fresh, await added]) expect(await later.read(name)).toHaveLength(5);
});
