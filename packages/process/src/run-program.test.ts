import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'testing', 'program.ts');
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(options: object) {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  const ended = once(child, 'close') as Promise<[code: number | null]>;
  const lines = createInterface({ input: child.stdout });
  const ready = once(lines, 'line').then(([line]) => JSON.parse(line as string) as unknown);
  let errors = '';
  child.stderr.on('data', (part) => {
    errors += part;
  });
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(options)}\n`);
  return { child, ended: ended.then(([code]) => code), ready, errors: () => errors };
}

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('a program ends with code 0 on %s', async (signal) => {
  const { child, ready, ended } = start({});
  expect(await ready).toEqual({ event: 'ready' });
  child.kill(signal);
  expect(await ended).toBe(0);
});

test('it ends when its parent is gone, even if it takes too long over it', async () => {
  const { child, ready, ended } = start({ endless: true });
  await ready;
  child.stdin.end();
  expect(await ended).toBe(0);
});

test('it ends when nobody reads its output any more', async () => {
  const { child, ready, ended, errors } = start({});
  await ready;
  child.stdout.destroy();
  expect(await ended).toBe(0);
  expect(errors()).toBe('');
});

test('a second Ctrl-C ends it at once', async () => {
  const { child, ready, ended } = start({ endless: true });
  await ready;
  const again = setInterval(() => child.kill('SIGINT'), 50);
  expect(await ended).toBe(130);
  clearInterval(again);
});

test('an error that is expected is one sentence', async () => {
  const { ended, errors } = start({ fail: 'expected' });
  expect(await ended).toBe(1);
  expect(errors()).toBe('This is what to do.\n');
});

test.each(['now', 'later'])('any other error (%s) is told without its text', async (fail) => {
  const { ended, errors } = start({ fail });
  expect(await ended).toBe(70);
  expect(errors()).toMatch(/^The program failed unexpectedly and stops\.\n\s+at /);
  expect(errors()).not.toContain('secret');
});
