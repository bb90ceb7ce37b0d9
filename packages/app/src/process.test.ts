import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type NetworkFile, serializeNetworkFile } from '@sotto/directory';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildPage } from './host/build-page.ts';
import { openPageSession } from './testing/page-session.ts';

/** A network of which no node answers: what the host does must not wait for it. */
const NETWORK: NetworkFile = {
  sotto: 1,
  name: 'Nobody home',
  created: 1,
  authorities: [
    {
      key: Buffer.from(ed25519KeyPair(new Uint8Array(32).fill(7)).publicKey).toString('hex'),
      urls: ['https://127.0.0.1:9'],
    },
  ],
  threshold: 1,
  seeds: ['https://127.0.0.1:9'],
  parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'listed', oneSite: true },
  communities: [],
};

type Event = Record<string, unknown>;

describe('the host as a process', { timeout: 60_000 }, () => {
  let folder: string;
  let running: ChildProcess[];

  beforeAll(() => buildPage(), 120_000);
  beforeEach(() => {
    running = [];
    folder = mkdtempSync(join(tmpdir(), 'sotto-process-'));
    writeFileSync(join(folder, 'network.sotto'), serializeNetworkFile(NETWORK));
  });
  afterEach(async () => {
    for (const child of running.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true });
  });

  function run(options: unknown = {}) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'process.ts')], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.push(child);
    const events = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    let errors = '';
    child.stderr!.on('data', (chunk) => {
      errors += chunk;
    });
    const say = (line: unknown) => child.stdin!.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
    const base = {
      folder: join(folder, 'profile'),
      networkFile: join(folder, 'network.sotto'),
      port: 0,
      logLevel: 'info',
    };
    say(typeof options === 'string' ? options : { ...base, ...(options as object) });
    return {
      child,
      say,
      errors: () => errors,
      next: async () => {
        const line = await events.next();
        if (line.done) throw new Error(`the process ended: ${errors}`);
        return JSON.parse(line.value) as Event;
      },
      exit: once(child, 'close') as Promise<[number | null, string | null]>,
    };
  }

  test('says where the page is, gives fresh links, and keeps the account for the next start', async () => {
    const first = run({ name: 'Noor' });
    const ready = await first.next();
    expect(ready).toEqual({
      event: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#/),
      port: expect.any(Number),
    });
    expect(new URL(String(ready.url)).port).toBe(String(ready.port));
    first.say({ command: 'link' });
    const link = await first.next();
    expect(link).toEqual({ event: 'link', url: expect.stringContaining(`:${ready.port}/#`) });
    expect(link.url).not.toBe(ready.url);
    first.say('nonsense');
    expect(await first.next()).toMatchObject({ event: 'refused' });

    const { socket, engine } = await openPageSession(String(link.url));
    expect(await engine.status.query()).toEqual({
      state: 'welcome',
      hasPassphrase: false,
      networkName: 'Nobody home',
      suggestedName: 'Noor',
    });
    await engine.account.create.mutate({ name: 'Noor', proxy: null });
    const account = await engine.account.get.query();
    const phrase = await engine.account.revealPhrase.mutate();
    expect((await engine.account.checkPhrase.mutate({ phrase })).problem).toBeNull();
    const note = await engine.messages.send.mutate({
      conversationId: account.accountId,
      draft: { body: 'remember the milk' },
    });
    expect(['waiting', 'sending', 'failed']).toContain(note.delivery);
    await engine.account.setPassphrase.mutate({ current: null, next: 'correct horse' });
    await socket.close();
    first.child.kill('SIGTERM');
    expect(await first.exit).toEqual([0, null]);
    for (const secret of [
      account.accountId,
      phrase.split(' ')[0]!,
      'milk',
      'correct horse',
      new URL(String(link.url)).hash,
    ]) {
      expect(first.errors()).not.toContain(secret);
    }

    const second = run();
    const again = await openPageSession(String((await second.next()).url));
    expect(await again.engine.status.query()).toMatchObject({ state: 'locked', hasPassphrase: true });
    await expect(again.engine.account.unlock.mutate({ passphrase: 'wrong' })).rejects.toThrow('wrong-passphrase');
    await again.engine.account.unlock.mutate({ passphrase: 'correct horse' });
    expect(await again.engine.account.get.query()).toEqual(account);
    const { messages } = await again.engine.messages.page.query({ conversationId: account.accountId });
    expect(messages.map(({ body }) => body)).toEqual(['remember the milk']);
    await again.socket.close();
    second.child.stdin!.end();
    expect(await second.exit).toEqual([0, null]);
  });

  test('an account comes back from its phrase in another folder', async () => {
    const first = run();
    const one = await openPageSession(String((await first.next()).url));
    await one.engine.account.create.mutate({ name: 'Noor', proxy: null });
    const phrase = await one.engine.account.revealPhrase.mutate();
    const { accountId } = await one.engine.account.get.query();
    const second = run({ folder: join(folder, 'other') });
    const two = await openPageSession(String((await second.next()).url));
    await expect(two.engine.account.restore.mutate({ phrase: 'not a phrase', name: '', proxy: null })).rejects.toThrow(
      'bad-phrase',
    );
    await two.engine.account.restore.mutate({ phrase, name: '', proxy: null });
    expect(await two.engine.account.get.query()).toMatchObject({ accountId, name: '' });
    await one.socket.close();
    await two.socket.close();
  });

  test.each([
    ['no JSON', 'hello', 'bad-options'],
    ['a missing folder', { folder: '' }, 'bad-options'],
    ['a port out of range', { port: 70_000 }, 'bad-options'],
    ['a network file that is not there', { networkFile: '/nowhere/network.sotto' }, 'bad-options'],
  ])('%s ends it with one sentence', async (_what, options, code) => {
    const wrong = run(options);
    expect(await wrong.next()).toEqual({ event: 'failed', code, message: expect.stringMatching(/\S/) });
    expect(await wrong.exit).toEqual([1, null]);
  });

  test('a taken port ends it with one sentence', async () => {
    const first = run();
    const { port } = await first.next();
    const second = run({ port, folder: join(folder, 'other') });
    expect(await second.next()).toEqual({
      event: 'failed',
      code: 'port-taken',
      message: `Port ${port} is in use by another program; choose another one.`,
    });
    expect(await second.exit).toEqual([1, null]);
    first.child.kill('SIGINT');
    expect(await first.exit).toEqual([0, null]);
  });

  test('the page keeps its port over restarts, unless another program has it', async () => {
    const portOf = async () => {
      const process = run();
      const { port } = await process.next();
      process.child.kill('SIGTERM');
      await process.exit;
      return Number(port);
    };
    const port = await portOf();
    expect(await portOf()).toBe(port);
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    expect(await portOf()).not.toBe(port);
    other.close();
    await once(other, 'close');
  });
});
