import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeDoor } from '../../testing/fake-door.ts';
import { Messenger } from '../messenger.ts';
import { answerBackups, isBackupPath } from './backup-routes.ts';

let server: Server;
let messenger: Messenger;

async function serve(door: FakeDoor) {
  messenger = await Messenger.start(door, '');
  server = createServer((request, response) => void answerBackups(request, response, request.url!, messenger));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

beforeEach(() => serve(new FakeDoor({ exists: true })));
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await messenger.close();
});

function post(path: string, passphrase: string | null, body: BodyInit | null = null, method = 'POST', proxy = 'null') {
  const { port } = server.address() as AddressInfo;
  const headers: Record<string, string> = path === '/files/restore' ? { 'X-Proxy': encodeURIComponent(proxy) } : {};
  if (passphrase !== null) headers['X-Passphrase'] = encodeURIComponent(passphrase);
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body });
}

test('a backup is given, and taken where there is no account', async () => {
  const given = await post('/files/backup', 'hörse');
  expect(given.headers.get('content-disposition')).toBe('attachment');
  const backup = await given.blob();
  expect((await post('/files/restore', 'hörse', backup)).headers.get('x-reason')).toBe('profile-exists');
  server.close();
  await messenger.close();
  await serve(new FakeDoor());
  expect((await post('/files/backup', 'hörse')).headers.get('x-reason')).toBe('profile-missing');
  const refused = await post('/files/restore', 'another', backup);
  expect([refused.status, refused.headers.get('x-reason')]).toEqual([403, 'wrong-passphrase']);
  expect((await post('/files/restore', 'hörse', 'no backup')).headers.get('x-reason')).toBe('bad-backup');
  expect((await post('/files/restore', 'hörse', backup)).status).toBe(204);
  expect(messenger.engine().account().name).toBe('Noor');
});

test('a proxy comes in a header that must not be missing', async () => {
  await messenger.close();
  server.close();
  await serve(new FakeDoor());
  const { port } = server.address() as AddressInfo;
  const restore = (proxy: string) => post('/files/restore', 'hörse', 'SOTTOBAK sealed with hörse', 'POST', proxy);
  for (const malformed of ['', 'socks5://127.0.0.1:9050', '{}', '{"kind":"socks5","host":"h","port":0}']) {
    expect((await restore(malformed)).status).toBe(400);
  }
  const headers = { 'X-Passphrase': 'p' };
  expect((await fetch(`http://127.0.0.1:${port}/files/restore`, { method: 'POST', headers })).status).toBe(400);
  const proxy = { kind: 'socks5', host: '127.0.0.1', port: 9050, username: 'ädä', password: '%"\\' };
  expect((await restore(JSON.stringify(proxy))).status).toBe(204);
  expect(messenger.engine().settings().proxy).toEqual(proxy);
});

test('a refusal in the middle of a long file is told', async () => {
  await messenger.close();
  server.close();
  await serve(new FakeDoor());
  messenger.restoreBackup = async (backup) => {
    for await (const _ of backup) break;
    const { EngineError } = await import('@sotto/client');
    throw new EngineError('bad-backup', 'no backup');
  };
  const answer = await post('/files/restore', 'p', new Uint8Array(5_000_000));
  expect(answer.headers.get('x-reason')).toBe('bad-backup');
});

test('a backup that breaks off is no whole file', async () => {
  messenger.engine().backUp = async function* () {
    yield new Uint8Array(10);
    throw new Error('the disk is gone');
  };
  const answer = await post('/files/backup', 'p');
  await expect(answer.blob()).rejects.toThrow();
});

test('other methods, missing and malformed passphrases are refused', async () => {
  const { port } = server.address() as AddressInfo;
  expect((await post('/files/backup', 'p', null, 'GET')).status).toBe(405);
  expect((await post('/files/backup', null)).status).toBe(400);
  const odd = await fetch(`http://127.0.0.1:${port}/files/backup`, {
    method: 'POST',
    headers: { 'X-Passphrase': '%' },
  });
  expect(odd.status).toBe(400);
  expect((await post('/files/backup', 'x'.repeat(1_001))).status).toBe(400);
  expect(['/files/backup', '/files/restore', '/files', '/files/backup/x'].map(isBackupPath)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
