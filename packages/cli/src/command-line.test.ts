import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createAuthorityKey, serializeNetworkFile } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'main.ts');

let folder: string;
/** Options of a profile on a network that nobody runs. */
let place: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-command-line-'));
  const { publicKey } = await createAuthorityKey(folder);
  const network = join(folder, 'network.sotto');
  const url = 'https://127.0.0.1:1';
  await writeFile(
    network,
    serializeNetworkFile({
      sotto: 1,
      name: 'Nobody',
      created: 1,
      authorities: [{ key: bytesToHex(publicKey), urls: [url] }],
      threshold: 1,
      seeds: [url],
      parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'listed', oneSite: true },
      communities: [],
    }),
  );
  place = ['--data', folder, '--network', network];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function sotto(words: readonly string[], input = ''): Promise<Outcome> {
  const child = start(words);
  const ended = once(child, 'exit');
  child.stdin!.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { code: code as number | null, out, err };
}

describe('a command line that makes no sense', () => {
  test.each([
    [['up', '--people'], '--people needs a value.'],
    [['up', '--people', 'two'], '--people takes a whole number from 1 to 9.'],
    [['up', '--port', '65535', '--people', '2'], '--port takes a whole number from 1 to 65534.'],
    [['doctor', '--data', ''], '--data needs a value.'],
    [['dance'], 'This is not known here: dance.'],
    [[], 'Name a command.'],
  ])('%j is refused with one sentence', async (words, sentence) => {
    const { code, out, err } = await sotto(words);
    expect(err).toContain(`sotto: ${sentence}`);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

test('a passphrase given at the making of an account protects it', async () => {
  const passphrase = join(folder, 'passphrase');
  await writeFile(passphrase, 'a few quiet words\n');
  const profile = [...place, '--profile', 'guarded'];
  const made = await sotto(['account', 'create', '--name', 'Noor', ...profile, '--passphrase-file', passphrase]);
  expect(made.code).toBe(0);
  const refused = await sotto(['account', 'show', ...profile]);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('--passphrase-file');
  expect((await sotto(['account', 'show', ...profile], 'other words')).err).toContain('That is not the passphrase');
  const shown = await sotto(['account', 'show', ...profile, '--passphrase-file', passphrase]);
  expect(shown.out).toBe(`Noor\n${made.out.split('\n')[0]}\n`);
});

test('an account can begin behind a proxy', async () => {
  const profile = [...place, '--profile', 'behind'];
  const create = (proxy: string) => sotto(['account', 'create', '--name', 'Noor', '--proxy', proxy, ...profile]);
  const refused = await create('socks5://noor:secret@127.0.0.1:1');
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).not.toContain('secret');
  expect((await create('socks5://127.0.0.1:99999')).err).toContain('That is not a possible setting.');
  expect((await create('socks5://127.0.0.1:1')).code).toBe(0);
});

test('a message may begin with a dash, and stays queued when nobody takes it', async () => {
  const profile = [...place, '--profile', 'sender'];
  const made = await sotto(['account', 'create', '--name', 'Noor', ...profile]);
  const id = made.out.split('\n')[0]!;
  const { code, out } = await sotto(['send', id, '--json', '--timeout', '0.2', ...profile, '--', '-5 degrees']);
  expect(JSON.parse(out)).toMatchObject({ body: '-5 degrees', delivery: 'waiting' });
  expect(code).toBe(1);
});

test('when nobody reads the output any more the command ends quietly', async () => {
  const profile = [...place, '--profile', 'sender-2'];
  await sotto(['account', 'create', '--name', 'Noor', ...profile]);
  const child = start(['listen', '--json', ...profile]);
  child.stdout!.destroy();
  const [err, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect({ err, code }).toEqual({ err: '', code: 0 });
});

describe('completion', () => {
  const complete = (...words: string[]) => sotto(['--get-yargs-completions', 'sotto', ...words]);

  test('offers commands and options', async () => {
    expect((await complete('acc')).out).toContain('account');
    expect((await complete('up', '--no')).out).toContain('--no-open');
  });

  test('leaves file names to the shell', async () => {
    expect((await complete('node', '--network', '')).out.trim()).toBe('');
  });
});
