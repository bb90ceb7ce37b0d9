import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type ConfinedStart, confine, type Reach } from '@sotto/node';
import { z } from 'zod';
import { LabError } from './errors.ts';

const MAXIMUM_LOG_BYTES = 1024 * 1024;

/** How a child process ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program that said that it is ready. */
export interface Child {
  readonly pid: number;
  /** The whole line with which it said so, parsed. */
  readonly ready: unknown;
  /** Resolves when the process is gone. */
  readonly ended: Promise<ChildEnd>;
  kill(signal: NodeJS.Signals): void;
  /** Writes one more line of JSON to its standard input; lost if it has ended. */
  send(line: unknown): void;
  /** Calls `listener` with every later line of JSON on its standard output. */
  onLine(listener: (line: unknown) => void): void;
}

/** What to run and how. */
export interface ChildProgram {
  /** Path of a program for Node.js. */
  readonly program: string;
  /** Written to its standard input as one line of JSON. That stays open: the program ends when it closes. */
  readonly input: unknown;
  /** Where its standard error goes; moved to `….old` at a start when it has more than 1 MiB. */
  readonly logPath: string;
  /** Time until it must be ready, ms. */
  readonly startTimeout: number;
  /**
   * Folder for what Node.js made of the sources, which nobody else may write: later starts take half the time, and each
   * process 25 MB less, since none has to load the TypeScript parser. Absent: no such folder. One that the environment
   * names (`NODE_COMPILE_CACHE`) goes before it.
   */
  readonly compileCache?: string;
  /** Makes it a process that may do no more than a node needs, and reach this; absent: one that may do everything. */
  readonly reach?: Reach;
}

const readySchema = z.object({ event: z.literal('ready') });
const failedSchema = z.object({ event: z.literal('failed'), message: z.string() });

/**
 * Starts a program and waits for its line `{"event":"ready"}` on standard output; `{"event":"failed","message":…}` says
 * why it cannot start. It is in a process group of its own, so that Ctrl-C reaches only whoever started it.
 * @throws LabError `node` if it ends first or takes too long, the signal's reason if that aborts; it does not run then.
 */
export async function startChild(program: ChildProgram, signal: AbortSignal): Promise<Child> {
  signal.throwIfAborted();
  const child = await spawnProgram(program);
  const lines = linesOf(child);
  const ended = endOf(child);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(program.startTimeout)]);
  const outcome = await Promise.race([firstWord(lines), ended.then(() => 'ended' as const), aborted(limit)]);
  if (typeof outcome === 'object' && 'ready' in outcome) {
    return {
      pid: child.pid!,
      ready: outcome.ready,
      ended,
      kill: (how) => void child.kill(how),
      send: (line) => void child.stdin?.write(`${JSON.stringify(line)}\n`),
      onLine: (listener) => void lines.on('json', listener),
    };
  }
  child.kill('SIGKILL');
  await ended;
  signal.throwIfAborted();
  if (outcome === 'aborted') throw new LabError('node', `was not ready after ${program.startTimeout / 1000} s`);
  throw new LabError('node', outcome === 'ended' ? await lastLogLine(program.logPath) : outcome.failed);
}

async function spawnProgram({ program, input, logPath, compileCache, reach }: ChildProgram): Promise<ChildProcess> {
  const log = await openLog(logPath);
  try {
    const cache = process.env.NODE_COMPILE_CACHE ?? compileCache;
    const { arguments: flags, environment } = confinement(program, reach, cache);
    const child = spawn(process.execPath, [...flags, program], {
      stdio: ['pipe', 'pipe', log.fd],
      detached: true,
      windowsHide: true,
      env: { ...environment, ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }) },
    });
    // A child that ends early breaks the pipe; that it ended is noticed elsewhere.
    child.stdin?.on('error', () => {});
    child.stdin?.write(`${JSON.stringify(input)}\n`);
    return child;
  } finally {
    await log.close();
  }
}

function confinement(program: string, reach: Reach | undefined, cache: string | undefined): ConfinedStart {
  if (!reach) return { arguments: [], environment: process.env };
  const { write, read = [] } = reach;
  return confine({ write: [...write, ...(cache === undefined ? [] : [cache])], read: [...read, program] });
}

/** Resolves when the process is gone, or could not be made at all. */
function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

/** Emits every line of JSON that the program says as `json`; reads even if nobody listens, so that it never waits. */
function linesOf(child: ChildProcess): EventEmitter<{ json: [unknown] }> {
  const lines = new EventEmitter<{ json: [unknown] }>();
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const value = parseJson(line);
    if (value !== undefined) lines.emit('json', value);
  });
  return lines;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function firstWord(lines: EventEmitter<{ json: [unknown] }>): Promise<{ ready: unknown } | { failed: string }> {
  return new Promise((resolve) => {
    const listener = (line: unknown) => {
      const failed = failedSchema.safeParse(line);
      if (failed.success) resolve({ failed: failed.data.message });
      else if (readySchema.safeParse(line).success) resolve({ ready: line });
      else return;
      lines.off('json', listener);
    };
    lines.on('json', listener);
  });
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  if (signal.aborted) return Promise.resolve('aborted');
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted'), { once: true }));
}

async function openLog(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const log = await open(path, 'a', 0o600);
    if ((await log.stat()).size <= MAXIMUM_LOG_BYTES) return log;
    await log.close();
    await rename(path, `${path}.old`);
    return await open(path, 'a', 0o600);
  } catch (cause) {
    throw new LabError('folder', `Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function lastLogLine(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const last = text.trimEnd().split('\n').at(-1);
  return `ended while starting${last ? `; the end of ${path}: ${last.slice(0, 500)}` : ''}`;
}
