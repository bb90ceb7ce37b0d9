import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentFileId, runSteps } from '@sotto/wire/attachment';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { startS3StandIn } from '../testing/s3-stand-in.ts';
import { type BlobStore, StoreFull } from './blob-store.ts';
import { DiskBlobs } from './disk-blobs.ts';
import { FileIndex } from './file-index.ts';
import { FileStore, type FileStoreParts } from './file-store.ts';
import { S3Blobs, s3CredentialsFrom } from './s3-blobs.ts';

let folder: string;
let time: number;
let logged: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-store-'));
  time = 1000;
  logged = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(blobs: BlobStore = new DiskBlobs(join(folder, 'files')), parts: Partial<FileStoreParts> = {}) {
  const index = new FileIndex(join(folder, 'index.db'));
  return new FileStore({
    index,
    blobs,
    ids: 'content',
    maxTotalBytes: 10_000,
    now: () => time,
    randomNumber: () => 7n,
    log: createLog('debug', (line) => logged.push(line)),
    ...parts,
  });
}

const kept = () =>
  readdirSync(join(folder, 'files'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

/** A store of bytes that stops working at a moment that the test chooses. */
class BreakingBlobs extends DiskBlobs {
  breaksAt: 'before-write' | 'after-write' | 'remove' | null = null;

  override async write(name: string, bytes: Uint8Array): Promise<void> {
    if (this.breaksAt === 'before-write') throw new Error('broken');
    await super.write(name, bytes);
    if (this.breaksAt === 'after-write') throw new Error('broken');
  }

  override async remove(name: string): Promise<void> {
    if (this.breaksAt === 'remove') throw new Error('broken');
    await super.remove(name);
  }
}

describe('after a crash', () => {
  test.each(['before-write', 'after-write'] as const)('%s nothing is given out, and nothing stays', async (moment) => {
    const blobs = new BreakingBlobs(join(folder, 'files'));
    const store = open(blobs);
    blobs.breaksAt = moment;
    const body = randomBytes(100);
    await expect(store.add(body, 1000)).rejects.toThrow();
    await store.close();
    const again = open();
    expect(kept()).toBe(moment === 'after-write' ? 1 : 0);
    expect(again.info(runSteps(contentFileId(body)))).toBeNull();
    expect(again.usage()).toEqual({ files: 1, bytes: 100 });
    expect(await again.cleanUp()).toBe(1);
    expect(again.usage()).toEqual({ files: 0, bytes: 0 });
    expect(kept()).toBe(0);
    const { id } = await again.add(body, 1000);
    expect(Buffer.compare((await again.get(id))!.body, body)).toBe(0);
    await again.close();
  });

  test('the same file can come before the clean-up, and is not cleaned up then', async () => {
    const blobs = new BreakingBlobs(join(folder, 'files'));
    const store = open(blobs);
    blobs.breaksAt = 'after-write';
    const body = randomBytes(100);
    await expect(store.add(body, 1000)).rejects.toThrow();
    blobs.breaksAt = null;
    const { id } = await store.add(body, 1000);
    expect(await store.cleanUp()).toBe(0);
    expect(store.usage()).toEqual({ files: 1, bytes: 100 });
    expect((await store.get(id))?.body).toEqual(body);
    await store.close();
  });

  test('in the middle of a removal the file is gone, and the removal is tried again', async () => {
    const blobs = new BreakingBlobs(join(folder, 'files'));
    const store = open(blobs);
    const { id } = await store.add(randomBytes(100), 10);
    time += 10;
    blobs.breaksAt = 'remove';
    expect(await store.cleanUp()).toBe(0);
    expect(logged.join()).toContain('could not be removed');
    time -= 10;
    expect(await store.get(id)).toBeNull();
    blobs.breaksAt = null;
    expect(await store.cleanUp()).toBe(1);
    expect(kept()).toBe(0);
    await store.close();
  });

  test('half-written bytes beside the store are removed', async () => {
    const store = open();
    await store.close();
    writeFileSync(join(folder, 'files', 'unfinished', 'x'), 'half');
    await open().close();
    expect(kept()).toBe(0);
  });
});

test('a damaged or lost file is not given out, and can be sent again', async () => {
  const store = open();
  const body = randomBytes(100);
  const { id } = await store.add(body, 1000);
  const [entry] = readdirSync(join(folder, 'files', 'kept'), { recursive: true, withFileTypes: true }).filter((found) =>
    found.isFile(),
  );
  writeFileSync(join(entry!.parentPath, entry!.name), 'short');
  expect(await store.get(id)).toBeNull();
  expect(store.usage()).toEqual({ files: 0, bytes: 0 });
  await store.add(body, 1000);
  rmSync(join(entry!.parentPath, entry!.name));
  await store.add(body, 1000);
  expect((await store.get(id))?.body).toEqual(body);
  expect(logged.join()).not.toContain(id);
  await store.close();
});

test('the same file from many at once is kept once', async () => {
  const store = open();
  const body = randomBytes(3000);
  const added = await Promise.all(Array.from({ length: 5 }, () => store.add(body, 1000)));
  expect(new Set(added.map(({ id }) => id)).size).toBe(1);
  expect(store.usage()).toEqual({ files: 1, bytes: 3000 });
  expect(kept()).toBe(1);
  await store.close();
});

test('no free number is a full store', async () => {
  const store = open(undefined, { ids: 'number' });
  expect((await store.add(randomBytes(5), 1000)).id).toBe('7');
  await expect(store.add(randomBytes(5), 1000)).rejects.toThrow(StoreFull);
  await store.close();
});

test('whatever is added, extended and expires, usage and contents agree', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), which: fc.nat(4), lifetime: fc.nat(20) }),
    fc.record({ do: fc.constant('extend' as const), which: fc.nat(4), lifetime: fc.nat(20) }),
    fc.record({ do: fc.constant('pass' as const), time: fc.nat(15) }),
    fc.record({ do: fc.constant('clean' as const) }),
    fc.record({ do: fc.constant('restart' as const) }),
  );
  const bodies = Array.from({ length: 5 }, (_, index) => randomBytes(50 + index));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      rmSync(folder, { recursive: true, force: true });
      const expected = new Map<string, { body: Uint8Array; expiresAt: number }>();
      const ids = new Map<number, string>();
      mkdirSync(folder);
      let store = open();
      for (const action of steps) {
        if (action.do === 'pass') time += action.time;
        if (action.do === 'clean') await store.cleanUp();
        if (action.do === 'restart') {
          await store.close();
          store = open();
        }
        if (action.do === 'add') {
          const body = bodies[action.which]!;
          const { id, expiresAt } = await store.add(body, action.lifetime);
          ids.set(action.which, id);
          expected.set(id, { body, expiresAt });
        }
        if (action.do === 'extend') {
          const entry = await store.extend(ids.get(action.which) ?? 'none', action.lifetime);
          if (entry) expected.get(entry.id)!.expiresAt = entry.expiresAt;
        }
      }
      for (const [id, { body, expiresAt }] of expected) {
        const file = await store.get(id);
        if (expiresAt > time) expect(Buffer.compare(file!.body, body)).toBe(0);
        else expect(file).toBeNull();
      }
      await store.cleanUp();
      expect(store.usage().files).toBe([...expected.values()].filter(({ expiresAt }) => expiresAt > time).length);
      await store.close();
    }),
    { numRuns: 15 },
  );
});

describe('in an S3-compatible store', () => {
  const credentials = { accessKeyId: 'someone', secretAccessKey: 'secret/with+signs' };
  const settings = { kind: 's3', region: 'eu-1', bucket: 'sotto-files', prefix: 'a/' } as const;

  test('files are objects under the prefix, and go', async () => {
    await using s3 = await startS3StandIn(credentials.accessKeyId, credentials.secretAccessKey);
    const store = open(new S3Blobs({ ...settings, endpoint: s3.endpoint }, credentials));
    const body = randomBytes(5000);
    const { id } = await store.add(body, 10);
    await store.add(body, 10);
    expect([...s3.objects.keys()]).toEqual([`sotto-files/a/${id}`]);
    expect(Buffer.compare((await store.get(id))!.body, body)).toBe(0);
    s3.objects.clear();
    expect(await store.get(id)).toBeNull();
    await store.add(body, 10);
    time += 10;
    expect(await store.cleanUp()).toBe(1);
    expect(s3.objects.size).toBe(0);
    await store.close();
  });

  test('a moment’s failure is tried again, a lasting one is told and leaves nothing', async () => {
    await using s3 = await startS3StandIn(credentials.accessKeyId, credentials.secretAccessKey);
    const store = open(new S3Blobs({ ...settings, endpoint: s3.endpoint }, credentials));
    s3.failures.push(503);
    const kept10 = randomBytes(10);
    const { id } = await store.add(kept10, 1000);
    expect(await store.get(id)).not.toBeNull();
    s3.failures.push(403);
    await expect(store.add(randomBytes(11), 1000)).rejects.toThrow('403');
    expect(await store.cleanUp()).toBe(1);
    expect(store.usage()).toEqual({ files: 1, bytes: 10 });
    // While the store cannot say whether it has a file, nobody is told that it has, and nothing is lost.
    s3.failures.push(403);
    await expect(store.add(kept10, 1000)).rejects.toThrow('403');
    expect(await store.get(id)).not.toBeNull();
    s3.failures.push(507, 507, 507);
    await expect(store.add(randomBytes(12), 1000)).rejects.toThrow(StoreFull);
    await store.close();
  });

  test('wrong credentials open nothing', async () => {
    await using s3 = await startS3StandIn(credentials.accessKeyId, credentials.secretAccessKey);
    const wrong = { ...credentials, secretAccessKey: 'other' };
    const store = open(new S3Blobs({ ...settings, endpoint: s3.endpoint }, wrong));
    await expect(store.add(randomBytes(10), 1000)).rejects.toThrow('403');
    await store.close();
    expect(() => s3CredentialsFrom({})).toThrow('AWS_ACCESS_KEY_ID');
  });
});
