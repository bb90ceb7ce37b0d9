import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Engine, ProxySetting } from '../engine.ts';
import { TransportError } from '../network/transport.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { SimulatedNetwork } from '../testing/simulated-network.ts';
import { createProfile, openProfile, restoreProfile } from './profiles.ts';
import { restoreBackup } from './restore-backup.ts';

test('a proxy takes effect at once and after a restart; while it is down the engine is offline and says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-proxy-setting-'));
  let direct = 0;
  let proxied = 0;
  const seed = createServer((socket) => {
    direct++;
    socket.on('error', () => {}).destroy();
  });
  const proxy = createServer((socket) => {
    proxied++;
    socket.on('error', () => {}).resume();
    socket.end(Buffer.of(5, 0xff));
  });
  for (const server of [seed, proxy]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const portOf = (server: typeof seed) => (server.address() as AddressInfo).port;
  const { file } = new SimulatedNetwork({ clock: new ManualClock(Date.now()) });
  const authorities = file.authorities.map((authority) => ({ ...authority, urls: [] }));
  const network = { ...file, seeds: [`https://127.0.0.1:${portOf(seed)}`], authorities };
  const options = { folder: join(folder, 'alice'), network, timings: { firstPause: 20, longestPause: 20 } };
  const engine = await createProfile({ ...options, name: 'Alice' });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await until(() => direct > 0);
  for (const bad of [{ host: '' }, { port: 0 }, { username: 'a\r\nb' }]) {
    const setting = { kind: 'socks5' as const, host: '127.0.0.1', port: 1, ...bad };
    expect(() => engine.setSettings({ proxy: setting })).toThrow(expect.objectContaining({ code: 'bad-setting' }));
  }
  engine.setSettings({ proxy: { kind: 'socks5', host: '127.0.0.1', port: 1 } });
  const before = direct;
  await until(() => engine.route().proxyProblem === 'unreachable');
  expect(engine.route().state).toBe('offline');
  engine.setSettings({ proxy: { kind: 'socks5', host: '127.0.0.1', port: portOf(proxy) } });
  await until(() => engine.route().proxyProblem === 'wrong-login');
  await engine.close();
  const seen = proxied;
  const again = await openProfile(options);
  await until(() => proxied > seen);
  expect(direct).toBe(before);
  again.setSettings({ proxy: null });
  await until(() => direct > before);
  expect(again.route().proxyProblem).toBeNull();
  await again.close();
  for (const server of [seed, proxy]) await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

test('a profile that begins with a proxy never connects around it, however it is made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-proxy-start-'));
  let direct = 0;
  let proxied = 0;
  const seed = createServer((socket) => {
    direct++;
    socket.on('error', () => {}).destroy();
  });
  const server = createServer((socket) => {
    proxied++;
    socket.on('error', () => {}).resume();
    socket.end(Buffer.of(5, 0xff));
  });
  /** The proxy of another day: who chose a proxy must not be seen there either. */
  const otherServer = createServer((socket) => {
    direct++;
    socket.on('error', () => {}).destroy();
  });
  const servers = [seed, server, otherServer];
  for (const each of servers) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
  const portOf = (each: typeof seed) => (each.address() as AddressInfo).port;
  const { file } = new SimulatedNetwork({ clock: new ManualClock(Date.now()) });
  const seedUrl = `https://127.0.0.1:${portOf(seed)}`;
  const network = { ...file, seeds: [seedUrl], authorities: file.authorities.map((each) => ({ ...each, urls: [] })) };
  const options = (name: string) => ({
    folder: join(folder, name),
    network,
    timings: { firstPause: 20, longestPause: 20 },
  });
  const proxy = { kind: 'socks5', host: '127.0.0.1', port: portOf(server), username: 'u', password: 'p' } as const;
  /** Waits until it has connected several times, and closes it. */
  const watch = async (engine: Engine) => {
    const seen = proxied;
    while (proxied < seen + 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(engine.settings().proxy).toEqual(proxy);
    await engine.close();
  };
  const nowhere = () => Promise.reject(new TransportError('offline'));
  const transport = { post: nowhere, get: nowhere, close: () => {} };
  const created = await createProfile({ ...options('created'), transport, name: 'Alice', proxy });
  const phrase = created.recoveryPhrase();
  const withProxy = await buffer(created.backUp('sealed'));
  created.setSettings({ proxy: { ...proxy, port: portOf(otherServer) } });
  const withOther = await buffer(created.backUp('sealed'));
  created.setSettings({ proxy: null });
  const without = await buffer(created.backUp('sealed'));
  await created.close();
  const restored = (name: string, backup: Buffer, chosen?: ProxySetting) =>
    restoreBackup({ ...options(name), backup: pieces(backup), backupPassphrase: 'sealed', proxy: chosen });

  await watch(await createProfile({ ...options('second'), name: 'Ben', proxy }));
  await watch(await restoreProfile({ ...options('phrase'), phrase, proxy }));
  await watch(await restored('backup', without, proxy));
  await watch(await restored('own', withProxy));
  // What was chosen here and now goes before what the backup brings.
  await watch(await restored('other', withOther, proxy));
  expect(direct).toBe(0);

  const bad = { ...proxy, port: 0 };
  for (const attempt of [
    () => createProfile({ ...options('bad'), name: 'Ben', proxy: bad }),
    () => restoreProfile({ ...options('bad'), phrase, proxy: bad }),
    () => restored('bad', without, bad),
  ]) {
    await expect(attempt()).rejects.toEqual(expect.objectContaining({ code: 'bad-setting' }));
  }
  expect(existsSync(join(folder, 'bad'))).toBe(false);
  for (const each of servers) await new Promise((resolve) => each.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
