import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex } from '@sotto/wire/bytes';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { networkId } from './network-file.ts';
import { signDirectory } from './signed-directory.ts';
import { fileStorage, replaceFile, type StateStorage } from './storage.ts';
import { DirectoryStore } from './store.ts';
import { assembleSuccession, encodeSuccession, signSuccession } from './succession.ts';
import {
  CREATED,
  sampleDirectory,
  sampleKey,
  sampleNetwork,
  sampleNodes,
  signedSample,
} from './testing/sample-network.ts';

const DAY = 86_400_000;
const network = sampleNetwork(3, 2);
const networkFile = network.file;
const first = signedSample(network, sampleNodes(9));
const withCode = (code: string) => expect.objectContaining({ name: 'DirectoryError', code });

let folder: string;
let path: string;
let clock: number;
const now = () => clock;
const openStore = (storage: StateStorage = fileStorage(path)) => DirectoryStore.open({ networkFile, storage, now });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-directory-'));
  path = join(folder, 'directory.json');
  clock = CREATED;
});

afterEach(() => rm(folder, { recursive: true }));

test('knows nothing at first', async () => {
  const store = await openStore();
  expect([store.current(), store.accepted(), store.isExpired()]).toEqual([null, null, false]);
});

test('shows a directory to listeners and callers once it is saved', async () => {
  const store = await openStore();
  const seen = vi.fn(() => expect(store.current()?.epoch).toBe(1));
  const stopped = vi.fn();
  store.onChange(seen);
  store.onChange(stopped)();
  expect(await store.offer(first)).toBe(true);
  expect(await store.offer(first)).toBe(false);
  expect(seen).toHaveBeenCalledExactlyOnceWith(store.current());
  expect(stopped).not.toHaveBeenCalled();
});

test('looks nodes up by key and swarm', async () => {
  const store = await DirectoryStore.open({ networkFile, now });
  await store.offer(first);
  const list = store.current()!;
  const node = list.node(sampleKey('node 3').publicKey)!;
  expect(node.httpsPort).toBe(20_003);
  expect(list.node(new Uint8Array(32))).toBeUndefined();
  expect(list.swarmIds).toEqual([0n]);
  expect(list.swarm(0n)).toHaveLength(9);
  expect(list.swarm(1n)).toEqual([]);
  expect(list.x25519Key(node)).toHaveLength(32);
  expect(list.x25519Key(node)).toBe(list.x25519Key(node));
});

describe('over a restart', () => {
  test('the directory and the protection against older ones stay', async () => {
    const store = await openStore();
    await store.offer(first);
    await store.offer(signedSample(network, sampleNodes(7), { epoch: 2 }));
    const again = await openStore();
    expect(again.current()).toEqual(store.current());
    expect(again.accepted()).toEqual(store.accepted());
    await expect(again.offer(first)).rejects.toThrow(withCode('rollback'));
    // The two dropped before the restart and one more are a third of nine; two more are not.
    await expect(again.offer(signedSample(network, sampleNodes(5), { epoch: 3 }, 2))).rejects.toThrow(
      withCode('mass-removal'),
    );
    expect(await again.offer(signedSample(network, sampleNodes(6), { epoch: 3 }, 2))).toBe(true);
  });

  test('a succession stays', async () => {
    const heirs = [sampleKey('heir 0'), sampleKey('heir 1')];
    const authorities = heirs.map(({ publicKey }) => ({ key: bytesToHex(publicKey), urls: [] }));
    const dict = encodeSuccession({ networkId: networkId(networkFile), number: 1, authorities, threshold: 2 });
    const signatures = network.authorities.map((key) => signSuccession(dict, key));
    const directory = (epoch: number) => sampleDirectory(network, sampleNodes(9), { epoch });
    await (await openStore()).offer(signDirectory(directory(1), heirs, [assembleSuccession(dict, signatures)]));
    const again = await openStore();
    expect(
      again
        .deciding()
        .authorities.map(({ key }) => key)
        .sort(),
    ).toEqual(authorities.map(({ key }) => key).sort());
    expect(await again.offer(signDirectory(directory(2), heirs))).toBe(true);
    expect(again.successions()).toHaveLength(1);
  });

  test('who signed what stays, a contradiction included', async () => {
    const store = await openStore();
    await store.offer(first);
    await expect(store.offer(signedSample(network, sampleNodes(8), {}, 2))).rejects.toThrow(withCode('conflict'));
    const history = (await openStore()).history();
    expect(history.map(({ conflict, signers }) => [conflict, signers.length])).toEqual([
      [false, 3],
      [true, 2],
    ]);
    expect(history).toEqual(store.history());
  });

  test("another network's file and a damaged one are refused with what to do", async () => {
    await (await openStore()).offer(first);
    const other = { ...networkFile, created: CREATED + 1 };
    await expect(DirectoryStore.open({ networkFile: other, storage: fileStorage(path) })).rejects.toThrow(
      withCode('wrong-network'),
    );
    const saved = await readFile(path, 'utf8');
    for (const damaged of ['', '{}', saved.slice(0, -20), saved.replace('"directory":"', '"directory":"AAAA')]) {
      await writeFile(path, damaged);
      await expect(openStore()).rejects.toThrow(withCode('storage'));
    }
  });
});

describe('when it cannot save', () => {
  test('the earlier directory stays, in memory as on disk', async () => {
    const file = fileStorage(path);
    let full = false;
    const storage: StateStorage = {
      load: file.load,
      save: (bytes) => (full ? Promise.reject(new Error('disk full')) : file.save(bytes)),
    };
    const store = await openStore(storage);
    await store.offer(first);
    full = true;
    const listener = vi.fn();
    store.onChange(listener);
    const second = signedSample(network, sampleNodes(9), { epoch: 2 });
    await expect(store.offer(second)).rejects.toThrow('disk full');
    expect(store.current()?.epoch).toBe(1);
    expect(listener).not.toHaveBeenCalled();
    full = false;
    expect(await store.offer(second)).toBe(true);
  });

  test('the error names the file, and nothing half-written stays', async () => {
    const storage = fileStorage(join(folder, 'missing', 'directory.json'));
    await expect(storage.save(first)).rejects.toThrow(withCode('storage'));
    await expect(storage.save(first)).rejects.toThrow('missing');
    await expect(fileStorage(folder).load()).rejects.toThrow(withCode('storage'));
    await expect(fileStorage(folder).save(first)).rejects.toThrow(withCode('storage'));
    expect(await readdir(folder)).toEqual([]);
  });
});

test('a directory ends: usable for 30 days with a warning, then not, until there is a new one', async () => {
  const store = await openStore();
  await store.offer(first);
  clock = CREATED + 7 * DAY;
  expect([store.current()?.epoch, store.isExpired()]).toEqual([1, false]);
  clock += 1;
  expect([store.current()?.epoch, store.isExpired()]).toEqual([1, true]);
  clock += 30 * DAY;
  expect([store.current(), store.isExpired()]).toEqual([null, true]);
  expect(store.accepted()?.epoch).toBe(1);
  expect((await openStore()).current()).toBeNull();
  await store.offer(signedSample(network, sampleNodes(2), { epoch: 2, validFrom: clock }, 2));
  expect([store.current()?.epoch, store.isExpired()]).toEqual([2, false]);
});

test('offers at the same time are judged one after the other', async () => {
  const store = await openStore();
  const offers = [3, 2, 4].map((epoch) => store.offer(signedSample(network, sampleNodes(9), { epoch })));
  const outcomes = await Promise.allSettled(offers);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(store.current()?.epoch).toBe(4);
});

test.skipIf(process.platform === 'win32')(
  'what lies where a file is prepared neither opens it to others nor leads elsewhere',
  async () => {
    await writeFile(`${path}.new`, 'open to all', { mode: 0o666 });
    await chmod(`${path}.new`, 0o666);
    await replaceFile(path, 'mine');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const elsewhere = join(folder, 'elsewhere');
    await symlink(elsewhere, `${path}.new`);
    await replaceFile(path, 'mine again');
    expect(await readFile(path, 'utf8')).toBe('mine again');
    await expect(stat(elsewhere)).rejects.toThrow();
  },
);
