import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateCertificate } from '@sotto/directory';
import type { ServerRelay } from '@sotto/wire/onion';
import { afterEach, expect, test } from 'vitest';
import { ServerExit, type ServerExitOptions } from './server-exit.ts';

const stop: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of stop.splice(0)) await each();
});

const PAYLOAD = Buffer.from('the whole layer');

function relay(changes: Partial<ServerRelay>): ServerRelay {
  return {
    kind: 'relay-server',
    protocol: 'http',
    host: 'community.example',
    port: 80,
    target: '/oxen/v4/lsrpc',
    payload: PAYLOAD,
    ...changes,
  };
}

function exitFor(changes: Partial<ServerExitOptions> = {}): ServerExit {
  const owner = new AbortController();
  stop.push(() => owner.abort());
  return new ServerExit({
    version: '2.11.3',
    allowPrivateAddresses: () => true,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    signal: owner.signal,
    ...changes,
  });
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function serve(answer: Answer, tls?: { cert: string; key: string }): Promise<number> {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => answer(request, response, body));
  };
  const server: Server = tls ? (createHttpsServer(tls, listener) as unknown as Server) : createHttpServer(listener);
  stop.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('the layer is posted with the headers of the chapter, and status and body come back as they are', async () => {
  const seen: unknown[] = [];
  const port = await serve(({ method, url, headers }, response, body) => {
    seen.push(method, url, headers['user-agent'], headers['content-type'], headers.host, body);
    response.writeHead(403).end('no');
  });
  expect(await exitFor().post(relay({ port }))).toEqual({ status: 403, body: Buffer.from('no') });
  const agent = 'Oxen Storage Server/2.11.3';
  const host = `community.example:${port}`;
  expect(seen).toEqual(['POST', '/oxen/v4/lsrpc', agent, 'application/octet-stream', host, 'the whole layer']);
});

test('private addresses, given or looked up, are refused before anything is sent', async () => {
  let requests = 0;
  const port = await serve((_request, response) => {
    requests++;
    response.end();
  });
  const exit = exitFor({ allowPrivateAddresses: () => false });
  expect(await exit.post(relay({ port }))).toBeNull();
  expect(await exit.post(relay({ port, host: '127.0.0.1' }))).toBeNull();
  expect(await exit.post(relay({ port, host: '[::ffff:127.0.0.1]' }))).toBeNull();
  expect(await exit.post(relay({ port, host: '::1' }))).toBeNull();
  expect(requests).toBe(0);
});

test('the host is looked up once and the connection made to that address', async () => {
  const port = await serve((_request, response) => response.end('here'));
  let lookups = 0;
  const exit = exitFor({
    lookup: async () => {
      lookups++;
      return [{ address: '127.0.0.1', family: 4 }];
    },
  });
  // The system itself could not resolve this name.
  expect(await exit.post(relay({ port, host: 'nowhere.invalid' }))).toEqual({ status: 200, body: Buffer.from('here') });
  expect(lookups).toBe(1);
});

test('hosts and targets that smuggle something into the URL are refused', async () => {
  const exit = exitFor();
  for (const bad of [
    { host: 'internal/x?' },
    { host: 'a@b.example' },
    { host: 'a:1' },
    { host: '2130706433' },
    { target: '/oxen/../lsrpc' },
    { target: '/oxen/x?/lsrpc' },
    { target: '/other/lsrpc' },
    { protocol: 'ftp' },
  ]) {
    expect(await exit.post(relay(bad)), JSON.stringify(bad)).toBeNull();
  }
});

test('redirects are not followed', async () => {
  let requests = 0;
  const port = await serve((_request, response) => {
    requests++;
    response.writeHead(302, { Location: '/oxen/other/lsrpc' }).end();
  });
  expect(await exitFor().post(relay({ port }))).toMatchObject({ status: 302 });
  expect(requests).toBe(1);
});

test('a certificate that nobody vouches for is a transport error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-exit-'));
  stop.push(() => rmSync(folder, { recursive: true }));
  const tls = await loadOrCreateCertificate(folder);
  const port = await serve((_request, response) => response.end('sealed'), tls);
  const post = (exit: ServerExit) => exit.post(relay({ port, protocol: 'https', host: 'localhost' }));
  expect(await post(exitFor())).toEqual({ status: 502, body: 'Server not reachable' });
  const trusting = await post(exitFor({ certificateAuthority: tls.cert }));
  expect(trusting).toEqual({ status: 200, body: Buffer.from('sealed') });
});

test('a server that does not answer is 504, one that is not there 502, a failed look-up 502', async () => {
  const port = await serve(() => {});
  expect(await exitFor({ timeout: 50 }).post(relay({ port }))).toMatchObject({ status: 504 });
  expect(await exitFor().post(relay({ port: 1 }))).toMatchObject({ status: 502 });
  const failing = exitFor({ lookup: () => Promise.reject(new Error('no such name')) });
  expect(await failing.post(relay({ port }))).toMatchObject({ status: 502 });
  const hanging = exitFor({ lookup: () => new Promise(() => {}), timeout: 50 });
  expect(await hanging.post(relay({ port }))).toMatchObject({ status: 504 });
});

test('an answer over the limit is cut off, and so are more than 64 requests at a time', async () => {
  const port = await serve((request, response) => {
    if (request.url?.includes('big')) response.end(Buffer.alloc(10_420_001));
  });
  expect(await exitFor().post(relay({ port, target: '/oxen/big/lsrpc' }))).toMatchObject({ status: 502 });
  const owner = new AbortController();
  const exit = exitFor({ signal: owner.signal });
  const waiting = Array.from({ length: 64 }, () => exit.post(relay({ port })));
  expect(await exit.post(relay({ port }))).toMatchObject({ status: 503 });
  owner.abort();
  await Promise.all(waiting);
});
