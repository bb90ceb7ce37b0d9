import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LabNetwork, startNetwork } from '../start-network.ts';

const PROGRAM = join(import.meta.dirname, '../../../cli/src/main.ts');
const PATIENCE = { timeout: 90_000, interval: 100 };

let folder: string;
let network: LabNetwork;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-terminal-'));
  network = await startNetwork({ folder: join(folder, 'network'), nodes: 6, fileServers: 1 });
});

afterAll(async () => {
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(profile: string, words: readonly string[]): ChildProcess {
  const place = ['--data', folder, '--network', network.networkFilePath, '--profile', profile];
  return spawn(process.execPath, [PROGRAM, ...words, ...place], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function sotto(profile: string, ...words: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const child = start(profile, words);
  child.stdin!.end();
  const ended = once(child, 'exit');
  const [out, err, [code]] = await Promise.all([readAll(child.stdout!), readAll(child.stderr!), ended]);
  return { code, out, err };
}

/** What it prints; it must succeed. */
async function printed(profile: string, ...words: string[]): Promise<string> {
  const { code, out, err } = await sotto(profile, ...words);
  expect({ words, code, err: code === 0 ? '' : err }).toEqual({ words, code: 0, err: '' });
  return out;
}

const inJson = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** What arrives for a profile until this many messages have. */
async function heard(profile: string, count: number, ...options: string[]): Promise<Record<string, unknown>[]> {
  const child = start(profile, ['listen', '--json', ...options]);
  let out = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const ended = once(child, 'exit');
  const messages = () => inJson(out.slice(0, out.lastIndexOf('\n') + 1)).slice(1);
  await vi.waitFor(() => expect(messages()).toHaveLength(count), PATIENCE);
  child.kill('SIGTERM');
  await ended;
  return messages();
}

test('two people write, answer, send files, search and manage whom they know, at a terminal', async () => {
  const idOf = async (profile: string, name: string) =>
    (await printed(profile, 'account', 'create', '--name', name)).split('\n')[0]!;
  const [ada, ben] = await Promise.all([idOf('ada', 'Ada'), idOf('ben', 'Ben')]);
  const bytes = randomBytes(3000);
  const picture = join(folder, 'A picture.png');
  writeFileSync(picture, bytes);
  const { link } = JSON.parse(await printed('ben', 'account', 'link', '--json', '--days', '2'));
  const [sent] = inJson(await printed('ada', 'send', link, 'Look at the harbour', '--json', '--attach', picture));
  expect(sent).toMatchObject({ body: 'Look at the harbour', delivery: 'stored', conversationId: ben });
  const [message] = await heard('ben', 1, '--from', ada);
  const file = { fileName: 'A picture.png', contentType: 'image/png', size: 3000, id: expect.any(String) };
  expect(message).toMatchObject({ event: 'message', author: ada, body: 'Look at the harbour', attachments: [file] });
  // The link was the consent.
  expect(await printed('ben', 'contacts', 'list', '--requests')).toBe('');
  expect(inJson(await printed('ben', 'contacts', 'list', '--json'))).toEqual([
    { accountId: ada, name: 'Ada', nickname: null, isBlocked: false },
  ]);
  const [{ id: fileId }] = message!.attachments as [{ id: string }];
  const saved = join(folder, 'saved.png');
  await printed('ben', 'save', fileId, '--as', saved);
  expect(readFileSync(saved).equals(bytes)).toBe(true);
  expect(await sotto('ben', 'save', fileId, '--as', saved)).toMatchObject({
    code: 1,
    err: expect.stringContaining('is there already'),
  });
  await printed('ben', 'send', ada, 'Beautiful', '--reply-to', message!.id as string);
  const [answer] = await heard('ada', 1);
  expect(answer).toMatchObject({ body: 'Beautiful', quote: { author: ada, messageId: sent!.id } });
  expect(inJson(await printed('ada', 'messages', ben, '--json')).map(({ body }) => body)).toEqual([
    'Look at the harbour',
    'Beautiful',
  ]);
  expect(await printed('ada', 'messages', ben)).toContain('You: Look at the harbour\n  [file ');
  expect(inJson(await printed('ada', 'search', 'harb', '--json', '--files'))).toMatchObject([{ id: sent!.id }]);
  expect(await printed('ada', 'search', 'nowhere')).toBe('');
  await printed('ada', 'contacts', 'name', ben, 'Benjamin');
  expect(await printed('ada', 'contacts', 'list')).toBe(`${ben}  Benjamin\n`);
  await printed('ada', 'contacts', 'block', ben);
  expect(await printed('ada', 'contacts', 'list')).toBe(`${ben}  Benjamin (blocked)\n`);
  await printed('ada', 'contacts', 'unblock', ben);
});

test('a stranger is a request, which one accepts or declines', async () => {
  const idOf = async (profile: string) =>
    (await printed(profile, 'account', 'create', '--name', profile)).split('\n')[0]!;
  const [cleo, dan] = await Promise.all([idOf('cleo'), idOf('dan')]);
  await printed('cleo', 'send', dan, 'May I?');
  await heard('dan', 1);
  expect(await printed('dan', 'contacts', 'list')).toBe('');
  expect(await printed('dan', 'contacts', 'list', '--requests')).toBe(`${cleo}  cleo\n`);
  await printed('dan', 'contacts', 'accept', cleo);
  expect(await printed('dan', 'contacts', 'list')).toBe(`${cleo}  cleo\n`);
  expect(await heard('cleo', 1, '--notices')).toMatchObject([{ kind: 'request-accepted', author: dan }]);
  for (const [words, sentence] of [
    [['contacts', 'decline', cleo], 'That cannot be done here.'],
    [['contacts', 'accept', `05${'ab'.repeat(32)}`], 'There is no conversation with that account id.'],
    [['send', cleo, 'x', '--attach', join(folder, 'nothing')], 'There is no file'],
    [['send', cleo, 'x', '--reply-to', '999'], 'It is no longer there.'],
    [['send', 'sotto:nonsense', 'x'], 'That is not a contact link.'],
    [['save', '999', '--as', join(folder, 'x')], 'It is no longer there.'],
  ] as const) {
    const { code, err } = await sotto('dan', ...words);
    expect({ words, code, err }).toEqual({ words, code: 1, err: expect.stringContaining(sentence) });
  }
});
