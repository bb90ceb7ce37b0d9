import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFileUrl, runSteps, sealStream } from '@sotto/wire/attachment';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Network } from '../network/network.ts';
import { DEFAULT_TIMINGS } from '../network/timings.ts';
import { silentLogger } from '../surroundings.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { SimulatedFileServer } from '../testing/simulated-file-server.ts';
import { SimulatedNetwork } from '../testing/simulated-network.ts';
import { FileServers } from './file-servers.ts';
import { type DownloadPointer, FileTransfers } from './file-transfers.ts';
import type { TransferProgress } from './progress.ts';
import type { TransferError } from './transfer-error.ts';

const START = 1_790_000_000_000;

let clock: ManualClock;
let stop: AbortController;
let running: Promise<void>;
let simulation: SimulatedNetwork;
let servers: SimulatedFileServer[];
let transfers: FileTransfers;
let network: Network;

beforeEach(async () => {
  clock = new ManualClock(START);
  stop = new AbortController();
  simulation = new SimulatedNetwork({ clock });
  servers = ['one.example', 'two.example'].map((host) => new SimulatedFileServer(simulation, host));
  const surroundings = { clock, random: seededRandom('transfers'), log: silentLogger };
  const values = new Map<string, Uint8Array>();
  const memory = {
    read: (name: string) => values.get(name) ?? null,
    write: (name: string, value: Uint8Array) => void values.set(name, value),
  };
  network = await Network.open({
    ...surroundings,
    network: simulation.file,
    memory,
    transport: simulation.transport(),
    timings: DEFAULT_TIMINGS,
  });
  running = network.run(stop.signal);
  transfers = transfersWith(servers);
  await clock.until(() => network.isConnected());
});

afterEach(async () => {
  stop.abort();
  await running;
});

function transfersWith(those: readonly SimulatedFileServer[]): FileTransfers {
  const random = seededRandom('transfers');
  const files = those.map(({ place }) => place);
  return new FileTransfers({
    clock,
    random,
    log: silentLogger,
    access: network.servers,
    servers: new FileServers({ files }, clock, random),
  });
}

/** Lets time pass until it has ended, one way or the other. */
async function settled<T>(promise: Promise<T>, limitMs?: number): Promise<PromiseSettledResult<T>> {
  let result: PromiseSettledResult<T> | null = null;
  void Promise.allSettled([promise]).then(([only]) => {
    result = only;
  });
  await clock.until(() => result !== null, limitMs);
  return result!;
}

async function done<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
  const result = await settled(promise, limitMs);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function failure(promise: Promise<unknown>, limitMs?: number): Promise<string> {
  const result = await settled(promise, limitMs);
  return result.status === 'rejected' ? (result.reason as TransferError).reason : 'no failure';
}

const options = (more: object = {}) => ({ signal: stop.signal, ...more });
const pointerOf = async (body: Uint8Array): Promise<DownloadPointer> => done(transfers.upload(body, options()));
const hours = (count: number) => count * 3_600_000;

describe('uploading', () => {
  test('seals the file, and whoever has the pointer gets it back', async () => {
    const body = randomBytes(70_000);
    const uploaded = await done(transfers.upload(body, options()));
    expect(uploaded).toMatchObject({ size: 70_000, id: 0n, expiresAt: 1_800_000_000_500 });
    const kept = servers.flatMap(({ files }) => [...files.values()]);
    expect(kept).toHaveLength(1);
    expect(Buffer.from(kept[0]!).includes(body.subarray(0, 32))).toBe(false);
    expect(Buffer.compare(await done(transfers.download(uploaded, options())), body)).toBe(0);
  });

  test('spreads files over the servers and says where each is', async () => {
    for (let count = 0; count < 12; count++) {
      const { url } = await pointerOf(randomBytes(10));
      const { server, serverKey, fileId } = parseFileUrl(url);
      const at = servers.find(({ place }) => place.url === server)!;
      expect(serverKey).toBe(at.place.key);
      expect(at.files.has(fileId)).toBe(true);
    }
    expect(servers.map(({ files }) => files.size > 0)).toEqual([true, true]);
  });

  test('takes another server when one is gone or full, and that one first from then on', async () => {
    servers[0]!.stop();
    for (let count = 0; count < 6; count++) await pointerOf(randomBytes(10));
    expect(servers.map(({ files }) => files.size)).toEqual([0, 6]);
    servers[0]!.start();
    servers[1]!.failsWith = 507;
    for (let count = 0; count < 6; count++) await pointerOf(randomBytes(10));
    expect(servers.map(({ files }) => files.size)).toEqual([6, 6]);
    const asked = servers[1]!.asked.length;
    await pointerOf(randomBytes(10));
    expect(servers[1]!.asked).toHaveLength(asked);
  });

  test('fails with a reason when nobody takes it', async () => {
    for (const server of servers) server.failsWith = 500;
    expect(await failure(transfers.upload(randomBytes(10), options()))).toBe('refused');
    for (const server of servers) server.failsWith = 413;
    expect(await failure(transfers.upload(randomBytes(10), options()))).toBe('too-large');
    for (const server of servers) server.stop();
    expect(await failure(transfers.upload(randomBytes(10), options()))).toBe('unreachable');
    expect(await failure(transfersWith([]).upload(randomBytes(10), options()))).toBe('no-server');
    expect(await failure(transfers.upload(new Uint8Array(10_000_001), options()))).toBe('too-large');
    expect(servers.flatMap(({ asked }) => asked).length).toBeGreaterThan(0);
  });

  test('reads a file from the disk, and refuses what is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-upload-'));
    try {
      const path = join(folder, 'file');
      writeFileSync(path, 'content');
      const read = Promise.withResolvers<unknown>();
      const uploading = transfers.upload({ path }, options({ onProgress: read.resolve }));
      // The disk does not wait for the clock of the test.
      await read.promise;
      const uploaded = await done(uploading);
      expect(Buffer.from(await done(transfers.download(uploaded, options()))).toString()).toBe('content');
      for (const wrong of [folder, join(folder, 'none')]) {
        const refused = transfers.upload({ path: wrong }, options());
        await expect(refused).rejects.toThrow(expect.objectContaining({ reason: 'unreadable' }));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('without a network blames no server', async () => {
    simulation.isOffline = true;
    expect(await failure(transfers.upload(randomBytes(10), options()))).toMatch(/offline|no-route/);
    simulation.isOffline = false;
    await clock.until(() => network.isConnected());
    for (let count = 0; count < 12; count++) await pointerOf(randomBytes(10));
    expect(servers.map(({ files }) => files.size > 0)).toEqual([true, true]);
  });
});

describe('downloading', () => {
  test('reads the stream format too, and URLs without a key of a server that the network lists', async () => {
    const body = randomBytes(5000);
    const { file, key } = runSteps(sealStream(body, randomBytes(32), 'attachment'));
    servers[0]!.files.set('a'.repeat(44), file);
    const url = `${servers[0]!.place.url}/file/${'a'.repeat(44)}#d`;
    const pointer = { url, key, digest: null, size: 5000 };
    expect(Buffer.compare(await done(transfers.download(pointer, options())), body)).toBe(0);
  });

  test('cuts what is longer than stated, and refuses what is shorter or changed', async () => {
    const body = randomBytes(1000);
    const pointer = await pointerOf(body);
    expect(await done(transfers.download({ ...pointer, size: 600 }, options()))).toHaveLength(600);
    expect(await failure(transfers.download({ ...pointer, size: 2000 }, options()))).toBe('damaged');
    expect(await failure(transfers.download({ ...pointer, key: randomBytes(64) }, options()))).toBe('damaged');
    expect(await failure(transfers.download({ ...pointer, digest: null }, options()))).toBe('damaged');
    expect(await failure(transfers.download({ ...pointer, url: 'http://x' }, options()))).toBe('bad-pointer');
  });

  test('gives up at once what is gone, and after the third failure what does not come', async () => {
    const pointer = await pointerOf(randomBytes(10));
    const at = servers.find(({ files }) => files.size > 0)!;
    at.failsWith = 500;
    const failures: [number, number][] = [];
    const onFailure = (count: number, next: number) => failures.push([count, next - clock.now()]);
    expect(await failure(transfers.download(pointer, options({ onFailure })), hours(2))).toBe('given-up');
    expect(failures).toEqual([
      [1, 30_000],
      [2, 1_800_000],
    ]);
    expect(at.asked.filter((asked) => asked.startsWith('GET'))).toHaveLength(3);
    expect(await failure(transfers.download(pointer, options({ failures: 2 })))).toBe('given-up');
    at.failsWith = null;
    at.files.clear();
    expect(await failure(transfers.download(pointer, options()))).toBe('gone');
  });

  test('goes on by itself when the server is back', async () => {
    const body = randomBytes(10);
    const pointer = await pointerOf(body);
    const at = servers.find(({ files }) => files.size > 0)!;
    at.stop();
    const coming = transfers.download(pointer, options({ onFailure: () => at.start() }));
    expect(Buffer.compare(await done(coming), body)).toBe(0);
  });

  test('a time without a network counts as no failure', async () => {
    const pointer = await pointerOf(randomBytes(10));
    simulation.isOffline = true;
    const coming = transfers.download(pointer, options());
    await clock.advance(hours(1));
    simulation.isOffline = false;
    expect(await done(coming)).toHaveLength(10);
  });

  test('at most three at a time', async () => {
    const pointers: DownloadPointer[] = [];
    for (let count = 0; count < 6; count++) pointers.push(await pointerOf(randomBytes(10)));
    for (const server of servers) server.isSilent = true;
    let requesting = 0;
    const onProgress = ({ stage }: TransferProgress) => {
      if (stage === 'requesting') requesting++;
    };
    const all = pointers.map((pointer) => transfers.download(pointer, options({ onProgress })));
    await clock.advance(5000);
    expect(requesting).toBe(3);
    for (const server of servers) server.isSilent = false;
    expect(await done(Promise.all(all), hours(1))).toHaveLength(6);
    expect(requesting).toBeGreaterThanOrEqual(6);
  });

  test('ends at once when it is stopped: waiting, asking, or between attempts', async () => {
    const pointer = await pointerOf(randomBytes(10));
    for (const server of servers) server.isSilent = true;
    const stopping = new AbortController();
    const all = Array.from({ length: 4 }, () => failure(transfers.download(pointer, { signal: stopping.signal })));
    await clock.advance(1000);
    stopping.abort();
    const before = clock.now();
    expect(await Promise.all(all)).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
    for (const server of servers) server.failsWith = 500;
    for (const server of servers) server.isSilent = false;
    const between = new AbortController();
    const onFailure = () => between.abort();
    expect(await failure(transfers.download(pointer, { signal: between.signal, onFailure }))).toBe('stopped');
    expect(clock.now() - before).toBeLessThan(2000);
  });
});

test('profile pictures go and come, and are renewed', async () => {
  const picture = randomBytes(3000);
  const pointer = await done(transfers.uploadPicture(picture, options()));
  expect(pointer.key).toHaveLength(32);
  expect(Buffer.compare(await done(transfers.downloadPicture(pointer, options())), picture)).toBe(0);
  const wrong = { ...pointer, key: randomBytes(32) };
  expect(await failure(transfers.downloadPicture(wrong, options()))).toBe('damaged');
  expect(await done(transfers.extend(pointer.url, stop.signal))).toBe(1_900_000_000_000);
  for (const server of servers) server.files.clear();
  expect(await failure(transfers.extend(pointer.url, stop.signal))).toBe('gone');
});

test('requests to servers leave by an exit that no request to a node leaves by, and which changes', async () => {
  for (let count = 0; count < 5; count++) await pointerOf(randomBytes(10));
  const exits = new Set(servers.flatMap((server) => [...server.exits]));
  expect(exits.size).toBe(1);
  const ofMailboxes = new Set(simulation.reached.map(({ exit }) => exit));
  for (const { key } of exits) expect(ofMailboxes.has(key)).toBe(false);
  for (let round = 0; round < 6; round++) {
    await clock.advance(hours(1) / 4);
    await pointerOf(randomBytes(10));
  }
  expect(new Set(servers.flatMap((server) => [...server.exits])).size).toBeGreaterThan(1);
});

test('requests to servers go on when relays of their own path break', async () => {
  await pointerOf(randomBytes(10));
  const guards = new Set(simulation.posts.map(({ node }) => node.key));
  expect(guards.size).toBeLessThanOrEqual(2);
  const route = network.route('05'.padEnd(66, '0'));
  for (const node of simulation.nodes) {
    if (!guards.has(node.key) && !route.relays.some(({ key }) => key === node.key)) node.behaviour = 'not-relaying';
  }
  expect(await done(transfers.upload(randomBytes(10), options()), hours(1))).toMatchObject({ size: 10 });
});
