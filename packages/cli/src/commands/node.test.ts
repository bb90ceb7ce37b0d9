import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../main.ts');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-node-command-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (...words: string[]) =>
  spawn(process.execPath, [PROGRAM, 'node', '--folder', join(folder, 'node'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const KEY = '0'.repeat(64);

test.each([
  [[], 'Name the network: either with --network FILE or with --oxend ADDRESS.'],
  [['--network', 'a', '--oxend', 'ipc:///b'], 'Name the network: either with --network FILE or with --oxend ADDRESS.'],
  [['--network', 'a', '--chain', 'testnet'], '--chain, --oxend-seed and --force-start go with --oxend only.'],
  [['--oxend', 'ipc:///b', '--stats-key', 'short'], '--stats-key takes the 64 hex digits of an X25519 key.'],
  [['--oxend', 'ipc:///b', '--chain', 'other'], 'Invalid values'],
])('%j is refused with one sentence', async (words, sentence) => {
  const child = start(...words);
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(err).toContain(sentence);
  expect(code).toBe(2);
});

test('an address of oxend that cannot be read is one sentence', async () => {
  const child = start('--oxend', 'oxend.sock');
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(err).toContain('the address of oxend has the form');
  expect(code).toBe(1);
});

test('a node whose oxend is away waits for its keys, keeps none, and ends when it is asked to', async () => {
  const seed = `curve://127.0.0.1:1/${KEY}`;
  const child = start('--oxend', `ipc://${folder}/nobody.sock`, '--chain', 'testnet', '--oxend-seed', seed);
  const ended = once(child, 'exit');
  let log = '';
  for await (const part of child.stderr) {
    log += part;
    if (log.includes("Waiting for the node's keys from oxend")) break;
  }
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  expect(existsSync(join(folder, 'node/node.seed'))).toBe(false);
});
