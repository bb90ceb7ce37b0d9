import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Proxies, startProxies } from '@sotto/client/testing/proxies';
import type { NetworkFile } from '@sotto/directory';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { SAMPLE_NETWORK } from '../testing/fake-network.ts';
import { openPageSession } from '../testing/page-session.ts';
import { buildPage } from './build-page.ts';
import { startHost } from './start-host.ts';

const LOGIN = { username: 'ada-of-the-proxy', password: 'secret-of-the-proxy' };

let folder: string;
let seed: Server;
let network: NetworkFile;
let proxies: Proxies;
/** Connections that reached the network, whichever way. */
let reached = 0;
const logged: string[] = [];

beforeAll(async () => {
  await buildPage();
  folder = mkdtempSync(join(tmpdir(), 'sotto-first-way-'));
  proxies = await startProxies(`${LOGIN.username}:${LOGIN.password}`);
  seed = createServer((socket) => {
    reached++;
    socket.on('error', () => {}).destroy();
  });
  await new Promise<void>((resolve) => seed.listen(0, '127.0.0.1', resolve));
  const authorities = SAMPLE_NETWORK.authorities.map((each) => ({ ...each, urls: [] }));
  const { port } = seed.address() as AddressInfo;
  network = { ...SAMPLE_NETWORK, seeds: [`https://127.0.0.1:${port}`], authorities };
}, 120_000);

afterAll(async () => {
  proxies.process.kill();
  await new Promise((resolve) => seed.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function start(profile: string, chosen: NetworkFile | null = network) {
  const note = (fields: object, event: string) => void logged.push(`${event} ${JSON.stringify(fields)}`);
  const log = { debug: note, info: note, warn: note, error: note };
  const host = await startHost({ folder: join(folder, profile), network: chosen, port: 0, log });
  onTestFinished(() => host.close());
  const session = await openPageSession(host.url);
  onTestFinished(() => session.socket.close());
  return { host, ...session };
}

test('an account that begins behind a proxy never connects around it, however it begins', async () => {
  const proxy = { kind: 'socks5', host: '127.0.0.1', port: proxies.ports.socks5, ...LOGIN } as const;
  const header = (setting: object | null) => encodeURIComponent(JSON.stringify(setting));
  const sealed = { 'X-Passphrase': 'sealed' };
  let seen = 0;
  /** Waits until it connects, and sees that all that arrived came through the proxy. */
  const watch = async ({ host, engine }: Awaited<ReturnType<typeof start>>) => {
    await expect.poll(() => proxies.asked.length, { timeout: 10_000 }).toBeGreaterThan(seen);
    expect((await engine.settings.get.query()).proxy).toEqual(proxy);
    await host.close();
    await expect.poll(() => proxies.asked.length - reached).toBe(0);
    seen = proxies.asked.length;
    expect(proxies.asked.every(({ kind, user }) => kind === 'socks5' && user === LOGIN.username)).toBe(true);
  };

  const created = await start('created', null);
  const link = JSON.stringify(network);
  expect((await created.engine.network.read.mutate({ text: link })).name).toBe(network.name);
  await created.engine.network.join.mutate({ text: link });
  expect(reached).toBe(0);
  const bad = { ...proxy, username: 'a\r\nb' };
  await expect(created.engine.account.create.mutate({ name: 'Noor', proxy: bad })).rejects.toThrow('bad-setting');
  expect((await created.engine.status.query()).state).toBe('welcome');
  await created.engine.account.create.mutate({ name: 'Noor', proxy });
  const phrase = await created.engine.account.revealPhrase.mutate();
  const backup = await (await created.post('/files/backup', sealed)).blob();
  await watch(created);

  const restored = await start('restored');
  await restored.engine.account.restore.mutate({ phrase, name: '', proxy });
  await watch(restored);

  const fromBackup = await start('from-backup');
  const refused = await fromBackup.post('/files/restore', { ...sealed, 'X-Proxy': header(bad) }, backup);
  expect([refused.status, refused.headers.get('x-reason')]).toEqual([409, 'bad-setting']);
  expect((await fromBackup.post('/files/restore', { ...sealed, 'X-Proxy': header(proxy) }, backup)).status).toBe(204);
  await watch(fromBackup);

  // Without another choice the proxy that the backup has stays.
  const itsOwn = await start('its-own');
  expect((await itsOwn.post('/files/restore', { ...sealed, 'X-Proxy': header(null) }, backup)).status).toBe(204);
  await watch(itsOwn);

  expect(logged.length).toBeGreaterThan(0);
  for (const secret of [...Object.values(LOGIN), String(proxy.port)]) expect(logged.join('\n')).not.toContain(secret);
}, 60_000);
