import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { FakeDoor } from '../testing/fake-door.ts';
import { type Host, openHost } from './host.ts';
import type { AppRouter } from './router.ts';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

describe('the host', () => {
  let folder: string;
  let host: Host;
  let door: FakeDoor;
  let logged: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-host-'));
    mkdirSync(join(folder, 'page/assets'), { recursive: true });
    writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>Sotto</title>');
    writeFileSync(join(folder, 'page/assets/main-abc123.js'), 'start()');
    writeFileSync(join(folder, 'page/assets/font-abc123.woff2'), 'font');
    writeFileSync(join(folder, 'page/.sources'), 'hash');
    writeFileSync(join(folder, 'secret.js'), 'secret');
    logged = [];
    door = new FakeDoor({ exists: true });
    host = await start();
  });
  afterEach(async () => {
    await host.close();
    rmSync(folder, { recursive: true });
  });

  function start(port = 0): Promise<Host> {
    const note = (fields: object, event: string) => void logged.push(`${event} ${JSON.stringify(fields)}`);
    return openHost({
      door,
      suggestedName: '',
      port,
      page: join(folder, 'page'),
      log: { info: note, warn: note, error: note },
    });
  }

  function ask(path: string, { method = 'GET', headers = {}, body = '' } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: host.port, path, method, headers }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode!, headers: response.headers, body: text });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  function own(extra: Record<string, string> = {}) {
    return { Origin: `http://127.0.0.1:${host.port}`, 'Content-Type': 'application/json', ...extra };
  }

  function tokenOf(url: string): string {
    return new URL(url).hash.slice(1);
  }

  function exchange(token: string, headers: Record<string, string> = own()): Promise<Answer> {
    return ask('/session', { method: 'POST', headers, body: JSON.stringify({ token }) });
  }

  /** Opens the host's link as a browser does. */
  async function session() {
    const answer = await exchange(tokenOf(host.newLink()));
    const [setCookie] = answer.headers['set-cookie'] as string[];
    const { pageKey } = JSON.parse(answer.body) as { pageKey: string };
    return { cookie: setCookie!.split(';')[0]!, setCookie: setCookie!, pageKey };
  }

  /** The HTTP status that a WebSocket is answered with; 101 opens it. */
  function upgrade(headers: Record<string, string>, path = '/engine?connectionParams=1'): Promise<number> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers });
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      socket.on('error', (error) => (error.message.includes('Unexpected server response') ? undefined : reject(error)));
    });
  }

  test('a link opens a session once, with a cookie for this browser and this host alone', async () => {
    const token = tokenOf(host.url);
    expect(host.url).toBe(`http://127.0.0.1:${host.port}/#${token}`);
    const answer = await exchange(token);
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(new RegExp(`^sotto-${host.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`)),
    ]);
    expect((await exchange(token)).status).toBe(401);
    expect(tokenOf(host.newLink())).not.toBe(token);
  });

  test('a session needs both of its halves', async () => {
    const { cookie, pageKey } = await session();
    const status = async (headers: Record<string, string>) => (await ask('/session', { headers })).status;
    expect(await status({ Cookie: cookie, 'X-Page-Key': pageKey })).toBe(204);
    expect(await status({ Cookie: `other=1; ${cookie}`, 'X-Page-Key': pageKey })).toBe(204);
    expect(await status({ Cookie: cookie })).toBe(401);
    expect(await status({ 'X-Page-Key': pageKey })).toBe(401);
    expect(await status({ Cookie: cookie, 'X-Page-Key': `${pageKey}x` })).toBe(401);
    expect(await status({})).toBe(401);
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '[::1]:80', '127.0.0.1.evil.example'])(
    'a request for the host %j is refused, as DNS rebinding makes them',
    async (name) => {
      const { cookie, pageKey } = await session();
      const named = { Host: name, Cookie: cookie, 'X-Page-Key': pageKey };
      expect((await ask('/', { headers: named })).status).toBe(421);
      expect((await ask('/session', { headers: named })).status).toBe(421);
      expect(await upgrade({ ...named, Origin: `http://${name}` })).not.toBe(101);
    },
  );

  test('localhost is this host too', async () => {
    const name = `localhost:${host.port}`;
    expect((await ask('/', { headers: { Host: name } })).status).toBe(200);
    const answer = await exchange(tokenOf(host.newLink()), own({ Host: name, Origin: `http://${name}` }));
    expect(answer.status).toBe(200);
  });

  test.each([
    ['another site', { Origin: 'https://evil.example' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame', { Origin: 'null' }],
    ['the other name of this host', { Origin: 'http://localhost:1' }],
    ['the same address by https', { Origin: 'https://127.0.0.1' }],
  ])('%s can neither use a token nor open a WebSocket', async (_who, foreign) => {
    const { cookie } = await session();
    const token = tokenOf(host.newLink());
    const headers = own(foreign as Record<string, string>);
    expect((await exchange(token, headers)).status).toBe(403);
    expect(await upgrade({ ...headers, Cookie: cookie })).toBe(403);
    // The token is not used up by being refused.
    expect((await exchange(token)).status).toBe(200);
  });

  test('a WebSocket without Origin, without cookie, or elsewhere is refused', async () => {
    const { cookie } = await session();
    const { Origin } = own();
    expect(await upgrade({ Origin, Cookie: cookie })).toBe(101);
    expect(await upgrade({ Cookie: cookie })).toBe(403);
    expect(await upgrade({ Origin })).toBe(401);
    expect(await upgrade({ Origin, Cookie: `${cookie}x` })).toBe(401);
    expect(await upgrade({ Origin, Cookie: cookie }, '/elsewhere')).toBe(404);
  });

  function engineOver(cookie: string, params: { pageKey: string } | null) {
    class PageSocket extends WebSocket {
      constructor(url: string | URL) {
        super(url, { headers: { ...own(), Cookie: cookie } });
      }
    }
    const socket = createWSClient({
      url: `ws://127.0.0.1:${host.port}/engine`,
      WebSocket: PageSocket as unknown as typeof globalThis.WebSocket,
      retryDelayMs: () => 60_000,
      ...(params === null ? {} : { connectionParams: params }),
    });
    return { socket, engine: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] }) };
  }

  test('the engine answers who has a session, and its failures cross as words', async () => {
    const { cookie, pageKey } = await session();
    const { socket, engine } = engineOver(cookie, { pageKey });
    expect((await engine.account.get.query()).name).toBe('Noor');
    await expect(engine.conversations.open.mutate({ accountId: '05aa' })).rejects.toMatchObject({
      message: 'bad-account-id',
      data: { reason: 'bad-account-id' },
    });
    await expect(engine.messages.retry.mutate({ messageId: '' })).rejects.toMatchObject({
      data: { reason: 'bad-input' },
    });
    door.engine!.recoveryPhrase = () => {
      throw new Error('amaze buffet cake');
    };
    const failure = await engine.account.revealPhrase.mutate().catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'internal', data: { reason: 'internal' } });
    expect(JSON.stringify(failure)).not.toContain('amaze');
    expect(logged.join('\n')).toContain('call-failed');
    expect(logged.join('\n')).not.toContain('amaze');
    await socket.close();
  });

  test.each([
    ['without the page key', null],
    ['with a wrong page key', { pageKey: 'wrong' }],
  ])('a stolen cookie %s opens nothing', async (_how, params) => {
    const { cookie } = await session();
    const { socket, engine } = engineOver(cookie, params);
    const stolen = engine.account.get.query();
    await expect(Promise.race([stolen, closedBy(socket)])).rejects.toThrow();
    await socket.close();
  });

  function closedBy(socket: ReturnType<typeof createWSClient>): Promise<never> {
    return new Promise((_resolve, reject) => {
      const subscription = socket.connectionState.subscribe({
        next: (state) => {
          if (state.state === 'connecting' && state.error !== null) {
            subscription.unsubscribe();
            reject(state.error);
          }
        },
      });
    });
  }

  test('every answer carries the headers that keep other pages out', async () => {
    for (const path of ['/', '/assets/main-abc123.js', '/missing', '/session']) {
      const { headers } = await ask(path);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; " +
          "media-src blob:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      );
      expect(headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['permissions-policy']).toContain('camera=(self)');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('files have their types; what never changes is kept, what may change is not', async () => {
    const script = await ask('/assets/main-abc123.js');
    expect(script).toMatchObject({ status: 200, body: 'start()' });
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await ask('/assets/font-abc123.woff2')).headers['content-type']).toBe('font/woff2');
    expect((await ask('/')).headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    expect((await ask('/session')).headers['cache-control']).toBe('no-store');
    expect((await ask('/', { method: 'HEAD' })).body).toBe('');
  });

  test.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/.sources',
    '//secret.js',
    '/assets',
    '/index.html/..',
    '/assets/main-abc123.js%00',
    '/..\\secret.js',
  ])('the path %s leads nowhere', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.body).toBe('');
  });

  test('strange requests get a plain no', async () => {
    expect((await ask('/', { method: 'POST' })).status).toBe(405);
    expect((await ask('/', { method: 'DELETE' })).status).toBe(405);
    const send = async (body: string, headers = own()) =>
      (await ask('/session', { method: 'POST', headers, body })).status;
    expect(await send('{')).toBe(400);
    expect(await send('{"token":5}')).toBe(400);
    expect(await send(JSON.stringify({ token: 'x'.repeat(2_000) }))).toBe(413);
    expect(await send('{"token":"x"}', own({ 'Content-Type': 'text/plain' }))).toBe(415);
  });

  test('a taken port is one clear sentence', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(start(port)).rejects.toMatchObject({
      code: 'port-taken',
      message: `Port ${port} is in use by another program; choose another one.`,
    });
    await new Promise((resolve) => other.close(resolve));
  });

  test('a page that was not built is one clear sentence', async () => {
    rmSync(join(folder, 'page'), { recursive: true });
    await expect(start()).rejects.toMatchObject({ code: 'page-missing' });
  });

  test('after closing nothing listens, and windows are cut off', async () => {
    const { cookie, pageKey } = await session();
    const { socket, engine } = engineOver(cookie, { pageKey });
    await engine.status.query();
    const running = host;
    const cut = closedBy(socket);
    await running.close();
    await expect(cut).rejects.toThrow();
    await expect(ask('/')).rejects.toThrow();
    await socket.close();
    host = await start();
  });

  test('who is refused cannot hold the connection, nor the host when it closes', async () => {
    const other = connect({ port: host.port, host: '127.0.0.1', allowHalfOpen: true });
    other.write(
      `GET /engine HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    const [answer] = (await once(other, 'data')) as [Buffer];
    expect(String(answer)).toContain('403 Forbidden');
    // It never closes its own half.
    await host.close();
    other.destroy();
    host = await start();
  });

  test('the log knows no token, cookie or key', async () => {
    const token = tokenOf(host.url);
    await exchange(token);
    const { cookie, pageKey } = await session();
    await exchange(token);
    await upgrade({ ...own({ Origin: 'https://evil.example' }), Cookie: cookie });
    expect(logged.join('\n')).toContain('upgrade-refused');
    for (const secret of [token, cookie.split('=')[1]!, pageKey]) expect(logged.join('\n')).not.toContain(secret);
  });
});
