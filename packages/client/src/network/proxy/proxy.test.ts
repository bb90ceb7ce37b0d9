import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadOrCreateCertificate } from '@sotto/directory';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ProxySetting } from '../../engine.ts';
import { type Proxies, startProxies } from '../../testing/proxies.ts';
import { type HttpsTransport, httpsTransport } from '../https-transport.ts';
import { webFetch } from '../web-fetch.ts';
import { connectThrough } from './connect.ts';
import { ProxyError, TargetUnreachable } from './proxy-error.ts';

const NAME = 'only-the-proxy-knows.test';

let folder: string;
let server: Server;
let port: number;
let open: Proxies;
let guarded: Proxies;
let transport: HttpsTransport;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-proxy-'));
  server = createServer(await loadOrCreateCertificate(folder), (_, response) => response.end('reached'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  [open, guarded] = await Promise.all([startProxies(), startProxies('ada:secret')]);
});

afterAll(async () => {
  for (const { process } of [open, guarded]) process.kill();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(({ onTestFinished }) => {
  transport = httpsTransport();
  onTestFinished(() => transport.close());
  open.asked.length = 0;
});

const setting = (kind: 'socks5' | 'http', from = open, more: Partial<ProxySetting> = {}): ProxySetting => ({
  kind,
  host: '127.0.0.1',
  port: from.ports[kind],
  ...more,
});
const limits = () => ({ timeoutMs: 5000, signal: new AbortController().signal });
const get = async (host: string, at = port) =>
  String((await transport.get(`https://${host}:${at}/`, {}, limits())).body);

describe.each(['socks5', 'http'] as const)('a %s proxy', (kind) => {
  test('carries everything, and looks up all names', async () => {
    const lookups = [vi.spyOn(dns, 'lookup'), vi.spyOn(dns.promises, 'lookup'), vi.spyOn(dns, 'resolve4')];
    transport.setProxy(setting(kind));
    expect(await get(NAME)).toBe('reached');
    expect(await get('127.0.0.1')).toBe('reached');
    expect(String((await transport.post(`https://${NAME}:${port}/`, Buffer.from('x'), limits())).body)).toBe('reached');
    expect(open.asked.map(({ kind, host }) => [kind, host])).toEqual([
      [kind, NAME],
      [kind, '127.0.0.1'],
    ]);
    const asked = lookups.flatMap(({ mock }) => mock.calls.map(([name]) => name));
    expect(asked.filter((name) => name !== '127.0.0.1')).toEqual([]);
    vi.restoreAllMocks();
  });

  test('wants the right login', async () => {
    transport.setProxy(setting(kind, guarded, { username: 'ada', password: 'secret' }));
    expect(await get(NAME)).toBe('reached');
    for (const login of [{}, { username: 'ada', password: 'wrong' }]) {
      transport.setProxy(setting(kind, guarded, login));
      await expect(get(NAME)).rejects.toMatchObject({ failure: 'offline' });
      expect(transport.proxyProblem()).toBe('wrong-login');
    }
  });

  test('that works is not to blame for a target that does not answer', async () => {
    transport.setProxy(setting(kind));
    await expect(get('127.0.0.1', 1)).rejects.toMatchObject({ failure: 'unreachable' });
    expect(transport.proxyProblem()).toBeNull();
  });

  test('that is down is told, and nothing goes around it', async () => {
    let connections = 0;
    const count = () => connections++;
    server.on('connection', count);
    const changes: unknown[] = [];
    transport.onProxyProblem(() => changes.push(transport.proxyProblem()));
    transport.setProxy({ kind, host: '127.0.0.1', port: 1 });
    await expect(get('127.0.0.1')).rejects.toMatchObject({ failure: 'offline' });
    expect(connections).toBe(0);
    transport.setProxy(setting(kind));
    expect(await get('127.0.0.1')).toBe('reached');
    expect(changes).toEqual(['unreachable', null]);
    server.off('connection', count);
  });

  test('that speaks something else is found out', async () => {
    const other = createTcpServer((socket) => {
      socket.on('error', () => {}).resume();
      socket.end('SSH-2.0-whatever\r\n\r\n'.repeat(10));
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    transport.setProxy({ kind, host: '127.0.0.1', port: (other.address() as AddressInfo).port });
    await expect(get(NAME)).rejects.toMatchObject({ failure: 'offline' });
    expect(transport.proxyProblem()).toBe('no-proxy');
    await new Promise((resolve) => other.close(resolve));
  });

  test('takes effect at once: what is open over another way is cut', async () => {
    expect(await get('127.0.0.1')).toBe('reached');
    const silent = createTcpServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const asking = get('127.0.0.1', (silent.address() as AddressInfo).port);
    const cut = expect(asking).rejects.toMatchObject({ failure: 'offline' });
    await new Promise((resolve) => silent.once('connection', resolve));
    expect(transport.setProxy(setting(kind))).toBe(true);
    expect(transport.setProxy(setting(kind))).toBe(false);
    await cut;
    expect(await get('127.0.0.1')).toBe('reached');
    expect(open.asked).toHaveLength(1);
    await new Promise((resolve) => silent.close(resolve));
  });

  test('carries link previews, whose certificates are verified', async () => {
    const { signal } = limits();
    const fetching = webFetch(setting(kind))(`https://${NAME}:${port}/`, { redirect: 'manual', signal });
    await expect(fetching).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/) });
    expect(open.asked.map(({ host }) => host)).toEqual([NAME]);
  });

  test('that says anything at all gives a connection or one of two errors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.boolean(), async (says, isPolite) => {
        const start = kind === 'socks5' ? [5, 0, 5] : [...Buffer.from('HTTP/1.1 ')];
        const liar = createTcpServer((socket) => {
          socket.on('error', () => {}).resume();
          socket.end(Buffer.concat([Buffer.from(isPolite ? start : []), says]));
        });
        await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
        const proxy = { kind, host: '127.0.0.1', port: (liar.address() as AddressInfo).port };
        try {
          (await connectThrough(proxy, { host: 'a.test', port: 1 }, 'x', limits().signal)).destroy();
        } catch (error) {
          expect(error instanceof ProxyError || error instanceof TargetUnreachable).toBe(true);
        }
        await new Promise((resolve) => liar.close(resolve));
      }),
      { numRuns: 20 },
    );
  });

  test('is left when the caller stops', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const stop = new AbortController();
    const proxy = { kind, host: '127.0.0.1', port: (silent.address() as AddressInfo).port };
    const connecting = connectThrough(proxy, { host: 'a.test', port: 1 }, 'x', stop.signal);
    const ended = expect(connecting).rejects.toThrow('enough');
    await new Promise((resolve) => silent.once('connection', resolve));
    stop.abort(new Error('enough'));
    await ended;
    await new Promise((resolve) => silent.close(resolve));
  });
});

test('a SOCKS5 proxy without a login is told apart by whom it is asked for', async () => {
  transport.setProxy(setting('socks5'));
  await get(NAME);
  await get('127.0.0.1');
  const users = open.asked.map(({ user }) => user);
  expect(new Set(users).size).toBe(2);
  expect(open.asked.map(({ isName }) => isName)).toEqual([true, false]);
});

test.skipIf(!existsSync('/usr/bin/microsocks'))('microsocks carries it', async () => {
  const at = await freePort();
  await throughProgram('/usr/bin/microsocks', ['-i', '127.0.0.1', '-p', String(at)], 'socks5', {}, at);
});

test.skipIf(!existsSync('/usr/bin/microsocks'))('microsocks with a login carries it', async () => {
  const at = await freePort();
  const login = { username: 'ada', password: 'secret' };
  const options = ['-i', '127.0.0.1', '-u', 'ada', '-P', 'secret', '-p', String(at)];
  await throughProgram('/usr/bin/microsocks', options, 'socks5', login, at);
});

test.skipIf(!existsSync('/usr/bin/tinyproxy'))('tinyproxy carries it', async () => {
  const at = await freePort();
  const settings = join(folder, 'tinyproxy.conf');
  writeFileSync(settings, `Port ${at}\nListen 127.0.0.1\nAllow 127.0.0.1\n`);
  await throughProgram('/usr/bin/tinyproxy', ['-d', '-c', settings], 'http', {}, at);
});

/** Reaches our server through a program that listens at a port. */
async function throughProgram(
  program: string,
  options: string[],
  kind: 'socks5' | 'http',
  login: Partial<ProxySetting>,
  at: number,
): Promise<void> {
  const child = spawn(program, options, { stdio: 'ignore' });
  try {
    for (let tries = 0; tries < 100 && !(await answers(at)); tries++) await sleep(20);
    transport.setProxy({ kind, host: '127.0.0.1', port: at, ...login });
    expect(await get('localhost')).toBe('reached');
    expect(transport.proxyProblem()).toBeNull();
  } finally {
    child.kill();
  }
}

async function freePort(): Promise<number> {
  const probe = createTcpServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function answers(at: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
