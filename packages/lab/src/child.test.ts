import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Child, startChild } from './child.ts';
import { writeProgram } from './testing/programs.ts';

let folder: string;
const children: Child[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-child-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await child.ended;
  }
  rmSync(folder, { recursive: true });
});

async function start(
  name: Parameters<typeof writeProgram>[1],
  signal = new AbortController().signal,
  startTimeout = 20_000,
): Promise<Child> {
  const program = writeProgram(folder, name);
  const child = await startChild(
    { program, input: { folder, some: 'thing' }, logPath: join(folder, 'log'), startTimeout },
    signal,
  );
  children.push(child);
  return child;
}

const withText = (message: string) =>
  expect.objectContaining({ code: 'node', message: expect.stringContaining(message) });

test('a program is told its input and is ready when it says so', async () => {
  const child = await start('obedient');
  expect(JSON.parse(readFileSync(join(folder, 'input'), 'utf8'))).toEqual({ folder, some: 'thing' });
  child.kill('SIGTERM');
  expect(await child.ended).toEqual({ code: null, signal: 'SIGTERM' });
});

test('it can be spoken to while it runs', async () => {
  const child = await start('obedient');
  expect(child.ready).toEqual({ event: 'ready', more: 1 });
  const lines: unknown[] = [];
  child.onLine((line) => lines.push(line));
  child.send({ command: 'x' });
  child.send([1]);
  await vi.waitFor(() => expect(lines).toEqual([{ command: 'x' }, [1]]), 5_000);
  child.kill('SIGKILL');
  await child.ended;
  child.send({ command: 'to nobody' });
});

test('what Node.js makes of the sources is kept where it is told to', async () => {
  // Set by the program that runs the tests.
  vi.stubEnv('NODE_COMPILE_CACHE', undefined);
  const compileCache = join(folder, 'cache');
  const program = writeProgram(folder, 'crashing');
  const logPath = join(folder, 'log');
  const attempt = startChild(
    { program, input: {}, logPath, startTimeout: 20_000, compileCache },
    new AbortController().signal,
  );
  await expect(attempt).rejects.toThrow();
  vi.unstubAllEnvs();
  expect(readdirSync(compileCache)).not.toEqual([]);
});

test('a log that cannot be written is told', async () => {
  const attempt = startChild(
    { program: '', input: {}, logPath: folder, startTimeout: 1 },
    new AbortController().signal,
  );
  await expect(attempt).rejects.toMatchObject({ code: 'folder' });
});

test('a program that cannot start is ended, and its reason told', async () => {
  await expect(start('refusing')).rejects.toEqual(withText('The port is taken.'));
});

test('of a program that ends while starting the last words are told', async () => {
  await expect(start('crashing')).rejects.toEqual(withText('the last words'));
});

test('a program that never gets ready is ended', async () => {
  await expect(start('silent', undefined, 300)).rejects.toEqual(withText('not ready after 0.3 s'));
});

test('an abort ends a start', async () => {
  const stopping = new AbortController();
  const starting = start('silent', stopping.signal);
  stopping.abort(new Error('enough'));
  await expect(starting).rejects.toThrow('enough');
  await expect(start('silent', stopping.signal)).rejects.toThrow('enough');
});

test('a log that has grown large is set aside', async () => {
  const log = join(folder, 'log');
  writeFileSync(log, Buffer.alloc(1024 * 1024 + 1));
  await expect(start('crashing')).rejects.toThrow();
  expect(statSync(`${log}.old`).size).toBe(1024 * 1024 + 1);
  await expect(start('crashing')).rejects.toThrow();
  expect(readFileSync(log, 'utf8')).toBe('first\nthe last words\n'.repeat(2));
});

test('a child does not outlive a parent that is killed', async () => {
  const program = writeProgram(folder, 'obedient');
  const parent = spawn(process.execPath, [
    fileURLToPath(new URL('./testing/parent.ts', import.meta.url)),
    program,
    folder,
  ]);
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  expect(existsSync(join(folder, 'input-ended'))).toBe(false);
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect(existsSync(join(folder, 'input-ended'))).toBe(true), 5_000);
});
