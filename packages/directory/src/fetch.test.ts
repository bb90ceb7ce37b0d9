import { mkdtemp, rm, truncate } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Certificate, loadOrCreateCertificate } from './certificate.ts';
import {
  crossCheckDirectory,
  type DirectoryFetcher,
  followDirectory,
  httpsFetcher,
  refreshDirectory,
  refreshFromMirrors,
} from './fetch.ts';
import { directoryEtag, directoryReply } from './http-directory.ts';
import { MAXIMUM_DIRECTORY_BYTES } from './signed-directory.ts';
import { DirectoryStore } from './store.ts';
import { CREATED, sampleNetwork, sampleNodes, signedSample } from './testing/sample-network.ts';

const network = sampleNetwork();
const first = signedSample(network, sampleNodes(9));
const second = signedSample(network, sampleNodes(9), { epoch: 2 });
const withCode = (code: string) => expect.objectContaining({ name: 'DirectoryError', code });
const openStore = () => DirectoryStore.open({ networkFile: network.file, now: () => CREATED });
const never = new AbortController().signal;

let folder: string;
let certificate: Certificate;
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-fetch-'));
  certificate = await loadOrCreateCertificate(folder);
});

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

afterAll(() => rm(folder, { recursive: true }));

/** The origin of a server that answers so. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(certificate, listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The origin of a mirror of these bytes; counts what it answered. */
async function mirror(bytes: Uint8Array | null): Promise<{ origin: string; statuses: number[] }> {
  const statuses: number[] = [];
  const origin = await serve((request, response) => {
    const reply = directoryReply(bytes, request.headers['if-none-match']);
    statuses.push(reply.status);
    response.writeHead(request.url === '/directory/v1' ? reply.status : 404, reply.headers).end(reply.body);
  });
  return { origin, statuses };
}

test('the certificate stays the same over restarts, and a damaged one is replaced', async () => {
  const other = await mkdtemp(join(folder, 'other-'));
  const created = await loadOrCreateCertificate(other);
  expect(await loadOrCreateCertificate(other)).toEqual(created);
  await truncate(join(other, 'certificate.pem'), 500);
  const replacement = await loadOrCreateCertificate(other);
  expect(replacement).not.toEqual(created);
  expect(() => createServer(replacement)).not.toThrow();
});

test('a mirror sends the directory once, then only says that it still holds', async () => {
  const { origin, statuses } = await mirror(first);
  const store = await openStore();
  expect(await refreshDirectory(store, [httpsFetcher(origin)], never)).toBe(true);
  expect(store.accepted()?.bytes).toEqual(first);
  expect(await refreshDirectory(store, [httpsFetcher(origin)], never)).toBe(false);
  expect(statuses).toEqual([200, 304]);
});

test('whoever is dead, empty, stale or lying is passed over', async () => {
  const dead = await mirror(first);
  servers.pop()?.close();
  const empty = await mirror(null);
  const stale = await mirror(first);
  const lying = await mirror(first.with(300, first[300]! ^ 1));
  const good = await mirror(second);
  const store = await openStore();
  await store.offer(signedSample(network, sampleNodes(9), { epoch: 1, validFrom: CREATED - 1 }));
  const fetchers = [dead, empty, stale, lying, good].map(({ origin }) => httpsFetcher(origin));
  expect(await refreshDirectory(store, fetchers, never)).toBe(true);
  expect(store.current()?.epoch).toBe(2);
  const failure = await refreshDirectory(store, fetchers.slice(0, 4), never).catch((error) => error);
  expect(failure).toEqual(withCode('fetch'));
  expect(failure.cause.errors.map(({ code }: { code: string }) => code)).toEqual([
    'fetch',
    'fetch',
    'rollback',
    expect.stringMatching(/encoding|signatures/),
  ]);
});

test('nobody to ask is a failure too', async () => {
  await expect(refreshDirectory(await openStore(), [], never)).rejects.toThrow(withCode('fetch'));
});

test('a directory that cannot be saved is not asked for elsewhere', async () => {
  const { origin, statuses } = await mirror(first);
  const storage = { load: async () => null, save: () => Promise.reject(new Error('full')) };
  const store = await DirectoryStore.open({ networkFile: network.file, storage, now: () => CREATED });
  const attempt = refreshDirectory(store, [httpsFetcher(origin), httpsFetcher(origin)], never);
  await expect(attempt).rejects.toThrow(withCode('storage'));
  expect(store.current()).toBeNull();
  expect(statuses).toEqual([200]);
});

test.each<[string, RequestListener]>([
  ['too much', (_request, response) => response.end(Buffer.alloc(MAXIMUM_DIRECTORY_BYTES + 1))],
  ['an unasked 304', (_request, response) => response.writeHead(304).end()],
  [
    'another protocol',
    (request) => request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
  ],
  ['a redirect', (_request, response) => response.writeHead(302, { Location: 'https://127.0.0.1:1/' }).end()],
  [
    'half a body',
    (_request, response) => response.writeHead(200, { 'Content-Length': 9 }).write('1', () => response.destroy()),
  ],
])('%s is a failure', async (_what, listener) => {
  const origin = await serve(listener);
  await expect(httpsFetcher(origin)(null, never)).rejects.toThrow();
});

test('a server that says nothing, or stops in the middle, is left after the timeout', async () => {
  const silent = await serve(() => {});
  await expect(httpsFetcher(silent, 50)(null, never)).rejects.toThrow(withCode('fetch'));
  const stuck = await serve((_request, response) => response.writeHead(200).write('l'));
  await expect(httpsFetcher(stuck, 150)(null, never)).rejects.toThrow();
});

test('an abort ends a refresh at once, with its reason', async () => {
  const stopping = new AbortController();
  const origin = await serve(() => stopping.abort(new Error('enough')));
  const next = vi.fn();
  await expect(refreshDirectory(await openStore(), [httpsFetcher(origin), next], stopping.signal)).rejects.toThrow(
    'enough',
  );
  expect(next).not.toHaveBeenCalled();
});

test('following goes on after failures until it is stopped', async () => {
  const store = await openStore();
  const stopping = new AbortController();
  const answers: DirectoryFetcher[] = [
    () => Promise.reject(new Error('away')),
    async () => first,
    async (etag) => (etag === directoryEtag(first) ? null : first),
    async () => second,
  ];
  const failures: unknown[] = [];
  const following = followDirectory({
    refresh: (signal) =>
      refreshDirectory(store, [answers.shift() ?? (() => Promise.reject(new Error('away')))], signal),
    interval: () => 1,
    retryInterval: 2,
    signal: stopping.signal,
    onFailure: (error) => failures.push(error),
  });
  await vi.waitFor(() => expect(store.current()?.epoch).toBe(2));
  expect(failures.length).toBeGreaterThan(0);
  stopping.abort();
  await following;
});

test('sources that are asked together check each other', async () => {
  const old = await mirror(first);
  const newer = await mirror(second);
  const liar = await mirror(signedSample(network, sampleNodes(8), { epoch: 2 }));
  const store = await openStore();
  const all = [old, newer, newer, liar].map(({ origin }) => httpsFetcher(origin));
  expect(await crossCheckDirectory(store, all, never)).toBe(true);
  expect(store.current()?.epoch).toBe(2);
  expect(newer.statuses).toEqual([200, 304]);
  expect(store.history().map(({ epoch, conflict }) => [epoch, conflict])).toEqual([
    [1, false],
    [2, false],
    [2, true],
  ]);
  expect(await crossCheckDirectory(store, all, never)).toBe(false);
  await expect(crossCheckDirectory(store, all.slice(0, 1), never)).rejects.toThrow(withCode('fetch'));
  await expect(crossCheckDirectory(store, [], never)).rejects.toThrow(withCode('fetch'));
});

test('others are asked only if no mirror has an acceptable directory', async () => {
  const newer = await mirror(second);
  const away: DirectoryFetcher = () => Promise.reject(new Error('away'));
  const store = await openStore();
  const others = vi.fn(async () => first);
  const mirrors = [away, httpsFetcher(newer.origin)];
  expect(await refreshFromMirrors(store, mirrors, () => [others], never)).toBe(true);
  expect(await refreshFromMirrors(store, mirrors, () => [others], never)).toBe(false);
  expect(others).not.toHaveBeenCalled();
  await expect(refreshFromMirrors(store, [away, away], () => [others], never)).rejects.toThrow(withCode('fetch'));
  expect(others).toHaveBeenCalledOnce();
  await expect(refreshFromMirrors(store, [], () => [others], never)).rejects.toThrow(withCode('fetch'));
  expect(others).toHaveBeenCalledTimes(2);
});
