import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NodeProcess, type NodeProcessOptions } from './node-process.ts';
import { writeProgram } from './testing/programs.ts';

let folder: string;
let events: unknown[];
const processes: NodeProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-process-'));
  events = [];
});

afterEach(async () => {
  for (const process of processes.splice(0)) await process.close();
  rmSync(folder, { recursive: true });
});

function create(name: Parameters<typeof writeProgram>[1], options: Partial<NodeProcessOptions> = {}): NodeProcess {
  const process = new NodeProcess({
    program: writeProgram(folder, name),
    input: { folder },
    logPath: join(folder, 'log'),
    startTimeout: 20_000,
    stopTimeout: 10_000,
    restart: false,
    onReady: () => events.push('ready'),
    onExited: (end) => events.push(end),
    onRestarting: (delay) => events.push(delay),
    onRestartFailed: () => events.push('restart failed'),
    ...options,
  });
  processes.push(process);
  return process;
}

const crash = (subject: NodeProcess) => process.kill(subject.pid!, 'SIGKILL');

test('what is asked to end ends and stays away', async () => {
  const process = create('obedient', { restart: true });
  await process.start();
  const { pid } = process;
  await process.start();
  expect(process.pid).toBe(pid);
  await process.kill('SIGTERM');
  expect(process.pid).toBeNull();
  await process.kill('SIGTERM');
  expect(events).toEqual(['ready']);
  await process.start();
  expect(process.pid).not.toBe(pid);
});

test('what does not end when asked is killed', async () => {
  const process = create('stubborn', { stopTimeout: 50 });
  await process.start();
  await process.close();
  expect(process.pid).toBeNull();
});

test('what ends unasked is reported, and left alone', async () => {
  const process = create('obedient');
  await process.start();
  crash(process);
  await vi.waitFor(() => expect(events).toEqual(['ready', { code: null, signal: 'SIGKILL' }]));
  expect(process.pid).toBeNull();
});

test('or it is started again', async () => {
  const process = create('obedient', { restart: true });
  await process.start();
  const { pid } = process;
  crash(process);
  await vi.waitFor(() => expect(events).toEqual(['ready', { code: null, signal: 'SIGKILL' }, 500, 'ready']), 5_000);
  expect(process.pid).not.toBe(pid);
});

test('again and again, each time later', async () => {
  const process = create('onceOnly', { restart: true });
  await process.start();
  crash(process);
  await vi.waitFor(
    () => expect(events.slice(2)).toEqual([500, 'restart failed', 1000, 'restart failed', 2000]),
    10_000,
  );
  await process.close();
  expect(events).toHaveLength(7);
});

test('closing ends a start that is under way', async () => {
  const process = create('silent');
  const starting = process.start();
  const outcome = expect(starting).rejects.toThrow('the network is closed');
  await process.close();
  await outcome;
  await expect(process.start()).rejects.toThrow('the network is closed');
});
