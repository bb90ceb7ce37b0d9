import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateCertificate } from '@sotto/directory';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { httpsTransport } from './https-transport.ts';
import type { Transport } from './transport.ts';

let folder: string;
let server: Server;
let origin: string;
let transport: Transport;
let connections = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-transport-'));
  const { key, cert } = await loadOrCreateCertificate(folder);
  server = createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/silent') return;
      if (request.url === '/hang-up') {
        response.write('half');
        setImmediate(() => response.socket?.destroy());
        return;
      }
      if (request.url === '/switch') {
        response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
        return;
      }
      if (request.url === '/endless') {
        const feed = () => {
          while (!response.destroyed && response.write(Buffer.alloc(1_000_000)));
          if (!response.destroyed) response.once('drain', feed);
        };
        feed();
        return;
      }
      response.writeHead(request.url === '/missing' ? 404 : 200);
      response.end(Buffer.concat([Buffer.from(`${request.method} ${request.headers['x-test'] ?? ''} `), ...chunks]));
    });
  });
  server.on('secureConnection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(({ onTestFinished }) => {
  transport = httpsTransport();
  onTestFinished(() => transport.close());
});

const limits = (timeoutMs = 5000, signal = new AbortController().signal) => ({ timeoutMs, signal });

test('posts bytes, gets with headers, gives every status, and keeps one connection', async () => {
  const before = connections;
  const posted = await transport.post(`${origin}/`, Buffer.from('hello'), limits());
  expect({ ...posted, body: String(posted.body) }).toEqual({ status: 200, body: 'POST  hello' });
  const got = await transport.get(`${origin}/missing`, { 'x-test': 'here' }, limits());
  expect({ ...got, body: String(got.body) }).toEqual({ status: 404, body: 'GET here ' });
  expect(connections - before).toBe(1);
});

test.each([
  ['/silent', 'timeout'],
  ['/hang-up', 'unreachable'],
  ['/switch', 'unreachable'],
  ['/endless', 'too-large'],
])('%s ends as %s', async (path, failure) => {
  const timeoutMs = failure === 'timeout' ? 50 : 10_000;
  await expect(transport.post(origin + path, Buffer.alloc(0), limits(timeoutMs))).rejects.toMatchObject({ failure });
});

test('a refused connection is unreachable, and who aborts is told so', async () => {
  await expect(transport.get('https://127.0.0.1:1/', {}, limits())).rejects.toMatchObject({ failure: 'unreachable' });
  const stop = new AbortController();
  const asking = transport.get(`${origin}/silent`, {}, limits(5000, stop.signal));
  stop.abort();
  await expect(asking).rejects.toMatchObject({ failure: 'aborted' });
});

test('tells how far a request and its answer are, truly and in order', async () => {
  const body = Buffer.alloc(300_000, 7);
  const heard: [string, number, number | null][] = [];
  const onProgress = (...progress: [string, number, number | null]) => heard.push(progress);
  await transport.post(`${origin}/`, body, { ...limits(), onProgress });
  const sent = heard.filter(([direction]) => direction === 'sent');
  expect(sent.map(([, bytes]) => bytes)).toEqual([65_536, 131_072, 196_608, 262_144, 300_000]);
  expect(sent.every(([, , of]) => of === 300_000)).toBe(true);
  const received = heard.filter(([direction]) => direction === 'received').map(([, bytes]) => bytes);
  expect(received.at(-1)).toBe('POST  '.length + 300_000);
  expect(received).toEqual(received.toSorted((a, b) => a - b));
});
