import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { createProfile, type Engine, type Message } from '@sotto/client';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type LabNetwork, startNetwork } from '../start-network.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../examples');
const PATIENCE = { timeout: 90_000, interval: 100 };

let folder: string;
let network: LabNetwork;
let ada: Engine;
let running: Bot[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-bots-'));
  network = await startNetwork({ folder: join(folder, 'network'), nodes: 6, fileServers: 1 });
  const polling = { idleMs: 500, activeMs: 200 };
  ada = await createProfile({ folder: join(folder, 'ada'), network: network.networkFile, polling, name: 'Ada' });
});

afterEach(async () => {
  await Promise.all(running.map((bot) => bot.stop()));
  running = [];
});

afterAll(async () => {
  await ada?.close();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A bot as somebody runs it. */
interface Bot {
  readonly accountId: string;
  /** What it has printed. */
  printed(): string;
  /** Ends it in order, and checks that it did. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

async function run(program: string, own: string, ...options: string[]): Promise<Bot> {
  const words = [join(EXAMPLES, program), network.networkFilePath, join(folder, own), ...options];
  const child: ChildProcess = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let out = '';
  let errors = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  const bot = {
    accountId: '',
    printed: () => out,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      await end('SIGTERM');
      expect({ errors, code: child.exitCode }).toEqual({ errors: '', code: 0 });
    },
    kill: () => end('SIGKILL'),
  };
  running.push(bot);
  const [, accountId] = await vi.waitFor(() => {
    if (child.exitCode !== null) throw new Error(errors);
    const found = /^Write to (05[0-9a-f]{64})$/m.exec(out);
    expect(found).not.toBeNull();
    return found!;
  }, PATIENCE);
  return { ...bot, accountId: accountId! };
}

const heardFrom = (accountId: string): Message[] =>
  ada
    .messages(accountId, { limit: 200 })
    .messages.filter(({ direction, kind }) => direction === 'in' && kind === 'message');

/** The answer to a message: each bot answers with a quote. */
async function answerTo(message: Message): Promise<Message> {
  return await vi.waitFor(() => {
    const found = heardFrom(message.conversationId).find(({ quote }) => quote?.messageId === message.id);
    expect(found).toBeDefined();
    return found!;
  }, PATIENCE);
}

test('the echo bot answers each text once, also those that came while it was away, and no bot', async () => {
  const bot = await run('echo-bot.ts', 'echo');
  const first = ada.send(bot.accountId, 'one\ntwo 🙂');
  expect((await answerTo(first)).body).toBe('one\ntwo 🙂');
  await bot.kill();
  const meanwhile = ['three', 'four'].map((text) => ada.send(bot.accountId, text));
  const again = await run('echo-bot.ts', 'echo');
  for (const message of meanwhile) expect((await answerTo(message)).body).toBe(message.body);
  // As a bot would: an answer to the answer.
  ada.send(bot.accountId, { body: 'an answer', quotedMessageId: heardFrom(bot.accountId)[0]!.id });
  const last = ada.send(bot.accountId, 'five');
  await answerTo(last);
  await again.stop();
  expect(heardFrom(bot.accountId).map(({ body }) => body)).toEqual(['one\ntwo 🙂', 'three', 'four', 'five']);
});

test('the reminder bot keeps its promises over a crash', async () => {
  const bot = await run('reminder-bot.ts', 'reminder');
  const ask = (text: string) => ada.send(bot.accountId, text);
  expect((await answerTo(ask('What can you do?'))).body).toContain('remind me in');
  expect((await answerTo(ask('remind me in 900 weeks to rest'))).body).toContain('too far');
  expect((await answerTo(ask('list'))).body).toBe('Nothing waits.');
  const order = ask('Remind me in 3 seconds to stretch');
  expect((await answerTo(order)).body).toMatch(/^I will, \d{4}-\d\d-\d\d \d\d:\d\d UTC: stretch$/);
  await answerTo(ask('remind me in 2 days to write'));
  await bot.kill();
  const again = await run('reminder-bot.ts', 'reminder');
  await vi.waitFor(() => {
    const reminders = heardFrom(bot.accountId).filter(({ body }) => body === '⏰ stretch');
    expect(reminders).toMatchObject([{ quote: { messageId: order.id } }]);
  }, PATIENCE);
  expect((await answerTo(ask('list'))).body).toMatch(/: write$/);
  expect((await answerTo(ask('forget'))).body).toBe('All forgotten.');
  await again.stop();
  expect(JSON.parse(readFileSync(join(folder, 'reminder', 'reminders.json'), 'utf8'))).toEqual([]);
});

test('the file drop bot saves files under safe names, each once, within its limits', async () => {
  const into = join(folder, 'received');
  const options = ['--into', into, '--largest', '5000', '--room', '8000', '--only', ada.account().accountId];
  const bot = await run('file-drop-bot.ts', 'drop', ...options);
  const bytes = randomBytes(4000);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const attachment = async (size: Uint8Array, fileName: string) => ({
    file: await ada.keepFile(size),
    contentType: 'application/octet-stream',
    fileName,
  });
  const attachments = [await attachment(bytes, '../../.ssh/\u202Egnp.keys'), await attachment(randomBytes(5001), 'x')];
  const first = ada.send(bot.accountId, { body: 'two', attachments });
  const saidOf = (message: Message) =>
    heardFrom(bot.accountId)
      .filter(({ quote }) => quote?.messageId === message.id)
      .map(({ body }) => body)
      .toSorted();
  const saved = `Saved _.._.ssh__gnp.keys, 4000 bytes\nSHA-256 ${sha256}`;
  await vi.waitFor(() => expect(saidOf(first)).toEqual(['Not saved: x (more than 5000 bytes).', saved]), PATIENCE);
  expect(readdirSync(into)).toEqual(['_.._.ssh__gnp.keys']);
  expect(readFileSync(join(into, '_.._.ssh__gnp.keys')).equals(bytes)).toBe(true);
  await bot.kill();
  const second = ada.send(bot.accountId, { body: '', attachments: [await attachment(randomBytes(4000), 'con')] });
  const third = ada.send(bot.accountId, { body: '', attachments: [await attachment(randomBytes(10), 'y')] });
  await run('file-drop-bot.ts', 'drop', ...options);
  await vi.waitFor(() => expect(saidOf(second)).toHaveLength(1), PATIENCE);
  await vi.waitFor(() => expect(saidOf(third)).toEqual(['Not saved: y (no room is left).']), PATIENCE);
  expect(readdirSync(into).toSorted()).toEqual(['_.._.ssh__gnp.keys', '_con']);
  expect(saidOf(first)).toHaveLength(2);
});

/** Somebody's program: it fails as often as it is told, and then takes what is posted. */
async function startReceiver(): Promise<{ server: Server; url: string; failures: number; posted: object[] }> {
  const posted: object[] = [];
  const receiver = { url: '', failures: 0, posted, server: createServer() };
  receiver.server.on('request', async (request, response) => {
    const body = await readAll(request);
    const time = request.headers['x-sotto-time'];
    const expected = createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex');
    const isRight = request.headers['x-sotto-signature'] === expected;
    if (receiver.failures-- > 0) response.writeHead(500).end();
    else {
      if (isRight) posted.push(JSON.parse(body));
      response.writeHead(204).end();
    }
  });
  await once(receiver.server.listen(0, '127.0.0.1'), 'listening');
  receiver.url = `http://127.0.0.1:${(receiver.server.address() as AddressInfo).port}/hook`;
  return receiver;
}

const SECRET = 'a secret of enough letters';

test('the webhook bridge carries both ways, tries again, and lets nobody in without the secret', async () => {
  mkdirSync(join(folder, 'bridge-secret'));
  const secretFile = join(folder, 'bridge-secret', 'secret');
  writeFileSync(secretFile, `${SECRET}\n`);
  const receiver = await startReceiver();
  try {
    receiver.failures = 2;
    const options = ['--secret-file', secretFile, '--post-to', receiver.url, '--port', '0'];
    const bot = await run('webhook-bridge.ts', 'bridge', ...options);
    const address = await vi.waitFor(() => /Listening on (\S+)/.exec(bot.printed())![1]!, PATIENCE);
    const sent = ada.send(bot.accountId, 'to the program');
    const said = { conversationId: ada.account().accountId, author: ada.account().accountId, body: sent.body };
    await vi.waitFor(() => expect(receiver.posted).toMatchObject([{ ...said, files: [] }]), PATIENCE);
    const post = async (body: string, secret = SECRET, path = '/messages') => {
      const headers = { authorization: `Bearer ${secret}` };
      const answer = await fetch(address + path, { method: 'POST', headers, body });
      return [answer.status, await answer.json()];
    };
    const to = ada.account().accountId;
    expect(await post(JSON.stringify({ to, text: 'from the program' }))).toEqual([202, { id: expect.any(String) }]);
    await vi.waitFor(
      () => expect(heardFrom(bot.accountId).map(({ body }) => body)).toEqual(['from the program']),
      PATIENCE,
    );
    expect(await post(JSON.stringify({ to, text: 'x' }), 'a wrong secret')).toEqual([401, { error: 'unauthorized' }]);
    expect(await post(JSON.stringify({ to: 'nobody', text: 'x' }))).toEqual([422, { error: 'bad-account-id' }]);
    expect(await post(JSON.stringify({ to, text: ' ' }))).toEqual([422, { error: 'empty' }]);
    expect(await post('{')).toEqual([400, { error: 'bad-request' }]);
    expect(await post('null')).toEqual([400, { error: 'bad-request' }]);
    expect(await post('{}', SECRET, '/')).toEqual([404, { error: 'not-found' }]);
    expect(await post(' '.repeat(70_000))).toEqual([413, { error: 'too-large' }]);
    // What nobody took is posted after a restart.
    receiver.failures = Infinity;
    ada.send(bot.accountId, 'later');
    await vi.waitFor(() => expect(readdirSync(join(folder, 'bridge', 'to-post'))).toHaveLength(1), PATIENCE);
    await bot.kill();
    receiver.failures = 0;
    await run('webhook-bridge.ts', 'bridge', ...options);
    await vi.waitFor(() => expect(receiver.posted.at(-1)).toMatchObject({ body: 'later' }), PATIENCE);
    expect(receiver.posted).toHaveLength(2);
  } finally {
    receiver.server.close();
  }
});
