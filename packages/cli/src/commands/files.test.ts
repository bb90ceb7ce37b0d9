import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../main.ts');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-files-command-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(...words: string[]) {
  return spawn(process.execPath, [PROGRAM, 'files', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finished(...words: string[]): Promise<{ code: number; out: string; said: string }> {
  const child = start(...words);
  const [out, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, out, said };
}

test('a file server is made, runs, and ends at Ctrl-C', async () => {
  const own = join(folder, 'server');
  const made = await finished('init', '--folder', own, '--url', 'http://files.example:8080/');
  expect(made.code).toBe(0);
  const listed = JSON.parse(made.out);
  expect(listed).toEqual({ url: 'http://files.example:8080', key: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const settings = JSON.parse(readFileSync(join(own, 'files.json'), 'utf8'));
  writeFileSync(join(own, 'files.json'), JSON.stringify({ ...settings, port: 0 }));
  const child = start('run', '--folder', own, '--log-level', 'warn');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const ready = JSON.parse(line);
  expect(ready).toMatchObject({ event: 'ready', ...listed });
  const answer = await fetch(`http://127.0.0.1:${ready.port}/file`, { method: 'POST', body: 'hello' });
  expect(answer.status).toBe(200);
  child.kill('SIGINT');
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test.each([
  [['init', '--folder', 'x', '--url', 'files.example'], 'url'],
  [['init', '--folder', 'x', '--url', 'http://a', '--port', '70000'], '--port'],
  [['run', '--folder', 'nowhere'], 'sotto files init'],
  [['check', '--network', 'nowhere'], 'network file'],
  [[], 'init, run or check'],
])('%j is refused in a sentence', async (words, sentence) => {
  const given = words.map((word) => (word === 'x' || word === 'nowhere' ? join(folder, word) : word));
  const { code, said } = await finished(...given);
  expect(code).toBeGreaterThan(0);
  expect(said).toContain(sentence);
  expect(said.trim().split('\n')).toHaveLength(1);
});
