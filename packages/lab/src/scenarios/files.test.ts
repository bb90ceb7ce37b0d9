import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenTransfers, openFileTransfers, type TransferProgress, type UploadedFile } from '@sotto/client';
import { parseFileUrl } from '@sotto/wire/attachment';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LabFileServer } from '../lab-file-server.ts';
import { type LabNetwork, startNetwork } from '../start-network.ts';

let folder: string;
let network: LabNetwork;
let ada: OpenTransfers;
let ben: OpenTransfers;

const signal = new AbortController().signal;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-files-scenario-'));
  network = await startNetwork({ folder: join(folder, 'network'), fileServers: 2 });
  [ada, ben] = await Promise.all([connect(), connect()]);
});

afterAll(async () => {
  await Promise.all([ada?.close(), ben?.close()]);
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const server of network.fileServers) if (server.pid === null) await server.restart();
});

async function connect(): Promise<OpenTransfers> {
  const opened = await openFileTransfers({ network: network.networkFile });
  await opened.connected(signal);
  return opened;
}

const upload = (body: Uint8Array, onProgress?: (progress: TransferProgress) => void) =>
  ada.transfers.upload(body, { signal, onProgress });
const download = (pointer: UploadedFile) => ben.transfers.download(pointer, { signal });
const serverOf = ({ url }: UploadedFile): LabFileServer =>
  network.fileServers.find(({ listed }) => listed.url === parseFileUrl(url).server)!;

async function bringsBack(pointer: UploadedFile, body: Uint8Array): Promise<void> {
  expect(Buffer.compare(await download(pointer), body)).toBe(0);
}

test('files go through private routes to the servers of the network and come back, spread over both', async () => {
  expect(network.networkFile.files).toEqual(network.fileServers.map(({ listed }) => listed));
  const used = new Set<LabFileServer>();
  for (let count = 0; count < 12; count++) {
    const body = randomBytes(1000 * (count + 1));
    const pointer = await upload(body);
    used.add(serverOf(pointer));
    await bringsBack(pointer, body);
  }
  expect(used.size).toBe(2);
});

test('the largest attachment goes through, with true progress', async () => {
  const body = randomBytes(10_000_000);
  const heard: TransferProgress[] = [];
  const pointer = await upload(body, (progress) => heard.push(progress));
  expect(new Set(heard.map(({ stage }) => stage))).toEqual(new Set(['sealing', 'sending', 'confirming']));
  const sent = heard.filter(({ stage }) => stage === 'sending').map(({ done }) => done);
  expect(sent.length).toBeGreaterThan(100);
  expect(sent).toEqual(sent.toSorted((a, b) => a - b));
  await bringsBack(pointer, body);
});

test('when a server dies the other one takes over, and what it had is there when it is back', async () => {
  const body = randomBytes(5000);
  const before = await upload(body);
  const dead = serverOf(before);
  await dead.kill();
  for (let count = 0; count < 4; count++) {
    const other = randomBytes(2000);
    const pointer = await upload(other);
    expect(serverOf(pointer)).not.toBe(dead);
    await bringsBack(pointer, other);
  }
  await dead.restart();
  await bringsBack(before, body);
});

test('a server killed while many uploads come in has what it confirmed, whole', async () => {
  const bodies = Array.from({ length: 12 }, () => randomBytes(300_000));
  const [victim] = network.fileServers;
  let confirmed = 0;
  const pointers = await Promise.all(
    bodies.map(async (body) => {
      const pointer = await upload(body);
      if (serverOf(pointer) === victim && ++confirmed === 1) void victim.kill();
      return pointer;
    }),
  );
  await victim!.kill();
  await victim!.restart();
  for (const [index, pointer] of pointers.entries()) await bringsBack(pointer, bodies[index]!);
  const unfinished = readdirSync(join(victim!.folder, 'files', 'unfinished'));
  expect(unfinished).toEqual([]);
});

test('no log of a server names a file, an address or a key', () => {
  for (const { folder: own } of network.fileServers) {
    const log = readFileSync(join(own, 'files.log'), 'utf8');
    expect(log).not.toMatch(/127\.0\.0\.1|[A-Za-z0-9_-]{44}|[0-9a-f]{64}/);
  }
});
