import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { SimulatedNetwork } from '../testing/simulated-network.ts';
import { createProfile, openProfile } from './profiles.ts';

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
