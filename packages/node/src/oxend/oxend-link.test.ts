import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOxendAddress } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { x25519KeyPair } from '@sotto/wire/crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ForeignOxend } from '../testing/foreign-oxend.ts';
import { askOnce } from './ask-once.ts';
import { OxendLink, type OxendLinkOptions } from './oxend-link.ts';

const daemonKeys = x25519KeyPair(randomBytes(32));
const PATIENCE = { timeout: 10_000, interval: 10 };

let folder: string;
let daemon: ForeignOxend | undefined;
let end: AbortController;
let running: Promise<void> | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-link-'));
  end = new AbortController();
});

afterEach(async () => {
  end.abort();
  await running;
  running = undefined;
  await daemon?.close();
  daemon = undefined;
  rmSync(folder, { recursive: true });
});

const optionsOf = (address: string): OxendLinkOptions => ({
  address: parseOxendAddress(address),
  keys: x25519KeyPair(randomBytes(32)),
  random: randomBytes,
  monotonicNow: () => performance.now(),
});

const echo = (command: string, params: string) => ['200', `${command} ${params}`];
const texts = (parts: readonly Uint8Array[] | null) => parts?.map((part) => Buffer.from(part).toString());

test.each(['plain over a Unix socket', 'plain over TCP', 'encrypted'])('a link stands and asks: %s', async (how) => {
  const bind = how.includes('Unix') ? `ipc://${folder}/o.sock` : 'tcp://127.0.0.1:0';
  daemon = await ForeignOxend.listen(bind, echo, how === 'encrypted' ? daemonKeys.secretKey : undefined);
  const address =
    how === 'encrypted'
      ? `curve://${daemon.address.replace('tcp://', '')}/${bytesToHex(daemonKeys.publicKey)}`
      : daemon.address;
  const pushes: string[][] = [];
  const link = new OxendLink({
    ...optionsOf(address),
    onPush: (command, data) => pushes.push([command, ...texts(data)!]),
  });
  expect(await link.request('rpc.x', [])).toBeNull();
  running = link.run(end.signal);
  await link.up();
  expect(texts(await link.request('rpc.x', [Buffer.from('{}')]))).toEqual(['200', 'rpc.x {}']);
  await daemon.push('notify.block', '7', 'hash');
  await vi.waitFor(() => expect(pushes).toEqual([['notify.block', '7', 'hash']]), PATIENCE);
});

test('a link that breaks fails what was asked, and stands again when the daemon is back', async () => {
  const address = `ipc://${folder}/o.sock`;
  daemon = await ForeignOxend.listen(address, () => null);
  const events: string[] = [];
  const onUp = () => events.push('up');
  const onDown = () => events.push('down');
  const link = new OxendLink({ ...optionsOf(address), onUp, onDown });
  running = link.run(end.signal);
  await link.up();
  const lost = link.request('rpc.x', []);
  await vi.waitFor(() => expect(daemon!.asked).toEqual(['rpc.x']), PATIENCE);
  await daemon.close();
  expect(await lost).toBeNull();
  expect(link.isUp).toBe(false);
  daemon = await ForeignOxend.listen(address, echo);
  await link.up();
  expect(texts(await link.request('rpc.y', []))).toEqual(['200', 'rpc.y ']);
  expect(events).toEqual(['up', 'down', 'up']);
});

test('one question can be asked over a connection of its own, and nobody answers where nobody is', async () => {
  const address = `ipc://${folder}/o.sock`;
  daemon = await ForeignOxend.listen(address, echo);
  expect(texts(await askOnce(optionsOf(address), 'rpc.x', [], end.signal))).toEqual(['200', 'rpc.x ']);
  const nowhere = askOnce(optionsOf(`ipc://${folder}/nobody`), 'rpc.x', [], end.signal);
  end.abort();
  expect(await nowhere).toBeNull();
});
