import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Certificate, loadOrCreateCertificate } from '@sotto/directory';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createLog } from '../log.ts';
import { ONION_LIMITS, RateLimiter } from '../net/rate-limiter.ts';
import { textReply } from './reply.ts';
import { type HttpsServer, type HttpsServerOptions, startHttpsServer } from './server.ts';

let folder: string;
let tls: Certificate;
let server: HttpsServer | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-https-'));
  tls = await loadOrCreateCertificate(folder);
});

afterEach(async () => {
  await server?.close();
  server = undefined;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(changes: Partial<HttpsServerOptions> = {}): Promise<number> {
  server = await startHttpsServer({
    host: '127.0.0.1',
    port: 0,
    tls,
    version: '2.11.3',
    notReady: () => [],
    monotonicNow: () => performance.now(),
    log: createLog('silent'),
    routes: {
      'POST /rpc': { needsReady: true, isClientRpc: true, answer: (body) => textReply(200, `got ${body.length}`) },
      'POST /broken': {
        answer: () => {
          throw new Error('secret detail');
        },
      },
      'POST /open': { answer: (body) => ({ status: 200, type: 'application/octet-stream', body }) },
    },
    ...changes,
  });
  return server.port;
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

function send(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<Answer> {
  const { method = 'POST', headers = {}, body = '' } = options;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { host: '127.0.0.1', port, path, method, headers, rejectUnauthorized: false, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(parts).toString() }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends raw bytes inside TLS; resolves with everything that comes back before the connection closes. */
function sendRaw(port: number, bytes: string | Uint8Array, end = false): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      socket.write(bytes);
      if (end) socket.end();
    });
    let text = '';
    socket.on('data', (part) => {
      text += part.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

test('a request reaches its route and the answer carries the headers of the chapter', async () => {
  const answer = await send(await start(), '/rpc', { body: 'hello' });
  expect(answer).toMatchObject({ status: 200, text: 'got 5' });
  expect(answer.headers).toMatchObject({ server: 'Oxen Storage Server/2.11.3', 'content-type': 'text/plain' });
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

test('unknown paths and methods are 404 with the method and the url', async () => {
  const port = await start();
  expect(await send(port, '/nothing?x=1')).toMatchObject({ status: 404, text: 'POST /nothing?x=1 Not Found' });
  expect(await send(port, '/rpc', { method: 'GET' })).toMatchObject({ status: 404, text: 'GET /rpc Not Found' });
});

test('readiness is checked before the rate limit, the rate limit before the long-poll header', async () => {
  const rateLimiter = new RateLimiter();
  let reasons = ['not in any swarm', 'not done syncing'];
  const answer = () => textReply(200, 'answer');
  const port = await start({
    notReady: () => reasons,
    monotonicNow: () => 0,
    routes: { 'POST /rpc': { needsReady: true, isClientRpc: true, rateLimiter, answer }, 'POST /open': { answer } },
  });
  const headers = { 'x-loki-long-poll': '1' };
  expect(await send(port, '/rpc', { headers })).toMatchObject({
    status: 503,
    text: 'Service node is not ready: not in any swarm; not done syncing\n',
  });
  expect(await send(port, '/open')).toMatchObject({ status: 200 });
  reasons = [];
  expect(await send(port, '/rpc', { headers })).toMatchObject({
    status: 410,
    text: 'long polling is no longer supported, client upgrade required',
  });
  while (rateLimiter.allows('127.0.0.1', 0));
  expect(await send(port, '/rpc', { headers })).toMatchObject({ status: 429, text: 'Too Many Requests\n' });
  expect(await send(port, '/open')).toMatchObject({ status: 200 });
});

test('each route counts with its own limiter, by address', async () => {
  const [storage, onions] = [new RateLimiter(), new RateLimiter(ONION_LIMITS)];
  const answer = () => textReply(200, 'answer');
  const routes = { 'POST /storage': { rateLimiter: storage, answer }, 'POST /onions': { rateLimiter: onions, answer } };
  const port = await start({ monotonicNow: () => 0, routes });
  while (storage.allows('127.0.0.1', 0));
  expect(await send(port, '/storage')).toMatchObject({ status: 429 });
  expect(await send(port, '/onions')).toMatchObject({ status: 200 });
  while (onions.allows('127.0.0.1', 0));
  expect(await send(port, '/onions')).toMatchObject({ status: 429 });
});

test('requests that wait for others leave the places of those that are worked on free', async () => {
  const held: (() => void)[] = [];
  const answer = async () => {
    await new Promise<void>((resolve) => held.push(resolve));
    return textReply(200, 'at last');
  };
  const quick = () => textReply(200, 'at once');
  const routes = { 'POST /held': { isMostlyWaiting: true, answer }, 'POST /quick': { answer: quick } };
  const port = await start({ routes });
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  let text = '';
  socket.on('data', (part) => {
    text += part;
  });
  // More than may be worked on at a time.
  socket.write('POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'.repeat(1100));
  await vi.waitFor(() => expect(held).toHaveLength(1100));
  expect(await send(port, '/quick')).toMatchObject({ status: 200 });
  for (const resolve of held) resolve();
  await vi.waitFor(() => expect(text.match(/ 200 OK/g)).toHaveLength(1100));
  socket.destroy();
});

test('a body over 10 MiB is refused by its stated length and while it streams', async () => {
  const port = await start();
  const stated = await sendRaw(port, 'POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 10485761\r\n\r\n');
  expect(stated).toMatch(/^HTTP\/1.1 413 [\s\S]*Connection: close[\s\S]*Request body too large$/);
  expect(await send(port, '/rpc', { body: new Uint8Array(10_485_760) })).toMatchObject({ text: 'got 10485760' });
  const chunked = await sendRaw(
    port,
    Buffer.concat([
      Buffer.from('POST /rpc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na00001\r\n'),
      Buffer.alloc(0xa00001),
      Buffer.from('\r\n0\r\n\r\n'),
    ]),
  );
  expect(chunked === '' || /^HTTP\/1.1 413 /.test(chunked)).toBe(true);
});

test('answers that are not read take a bounded share, and others are served', async () => {
  const answer = { status: 200, type: 'application/octet-stream', body: new Uint8Array(10_000_000) } as const;
  const port = await start({ routes: { 'POST /large': { answer: () => answer } } });
  const sockets = Array.from({ length: 9 }, () => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      socket.write('POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    });
    return socket.on('error', () => {});
  });
  const heads = await Promise.all(
    sockets.map(async (socket) => {
      const [first] = (await once(socket, 'readable').then(() => [socket.read(12)])) as [Buffer];
      return first.toString();
    }),
  );
  expect(heads.filter((head) => head.endsWith('200'))).toHaveLength(6);
  expect(heads.filter((head) => head.endsWith('503'))).toHaveLength(3);
  for (const socket of sockets) socket.destroy();
  await vi.waitUntil(async () => (await send(port, '/large')).status === 200);
});

test('a Content-Length that is no number is refused and the connection closed', async () => {
  const answer = await sendRaw(await start(), 'POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*Server: Oxen Storage Server\/2.11.3[\s\S]*invalid Content-Length$/);
});

test('nobody has to name a host', async () => {
  const answer = await sendRaw(
    await start(),
    'POST /open HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi',
  );
  expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\n\r\nhi$/);
});

test('a failing route answers 500 without detail', async () => {
  const answer = await send(await start(), '/broken');
  expect(answer).toMatchObject({ status: 500, text: 'request failed' });
});

test('a port that is taken is one clear sentence', async () => {
  const port = await start();
  await expect(
    startHttpsServer({
      host: '127.0.0.1',
      port,
      tls,
      version: '1',
      notReady: () => [],
      monotonicNow: () => 0,
      log: createLog('silent'),
      routes: {},
    }),
  ).rejects.toThrowError(/another program uses it/);
});

test('close waits for the running answer and refuses new connections', async () => {
  const arrived = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const port = await start({
    routes: {
      'POST /slow': {
        answer: async () => {
          arrived.resolve();
          await finish.promise;
          return textReply(200, 'done');
        },
      },
    },
  });
  const running = send(port, '/slow');
  await arrived.promise;
  const closed = server!.close();
  finish.resolve();
  expect(await running).toMatchObject({ text: 'done', headers: { connection: 'close' } });
  await closed;
  await expect(send(port, '/open')).rejects.toThrowError(/ECONNREFUSED/);
});

test('random bytes, in and outside of TLS, never bring the server down', async () => {
  const port = await start();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .array(
            fc.constantFrom(
              'POST ',
              'GET ',
              '/rpc',
              ' HTTP/1.1\r\n',
              'Host: x\r\n',
              'Content-Length: 3\r\n',
              '\r\n',
              'Transfer-Encoding: chunked\r\n',
              '5\r\n',
              '\0',
              'abc',
            ),
          )
          .map((parts) => Buffer.from(parts.join(''))),
      ),
      async (bytes) => {
        await sendRaw(port, bytes, true);
      },
    ),
    { numRuns: 60 },
  );
  const { connect: connectPlain } = await import('node:net');
  await new Promise<void>((resolve) => {
    const socket = connectPlain(port, '127.0.0.1', () => socket.end(randomBytes(500)));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
  expect(await send(port, '/open', { body: 'alive' })).toMatchObject({ text: 'alive' });
});
