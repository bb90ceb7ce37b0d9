import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { wipe } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import type { Database } from '../store/database.ts';
import type { CopyJob, CopyOutcome } from './copy-job.ts';

const WORKER = new URL('./copy-worker.ts', import.meta.url);

/**
 * Writes a compact copy of a database as it is now, without messages that disappear, while everything goes on: its file is
 * copied as it is, and a worker makes of that what is wanted. `toKey`: a key of its own, `null` for the same. If it fails,
 * nothing stays. Call it in the database's turn. @throws EngineError `disk-full`, `closed` when the signal aborts, `profile-damaged`
 */
export async function copyAside(
  database: Database,
  to: string,
  toKey: Uint8Array | null,
  signal: AbortSignal,
): Promise<void> {
  const from = rawPath(to);
  await remove(from);
  const key = database.keyCopy();
  let isDone = false;
  try {
    await database.copyFile(from, signal);
    await runWorker({ from, key, to, toKey }, signal);
    if (signal.aborted) throw new EngineError('closed', 'the profile is closed');
    isDone = true;
  } finally {
    wipe(key);
    await remove(from);
    if (!isDone) await remove(to);
  }
}

/** Where the file lies that the worker reads, beside the one that it writes. */
export function rawPath(to: string): string {
  return `${to}.raw`;
}

/**
 * To end a worker from outside, while it is inside SQLite, would end the whole process. So it is asked to stop, and looks
 * between two steps.
 */
async function runWorker(job: Omit<CopyJob, 'stop'>, signal: AbortSignal): Promise<void> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const ask = () => void Atomics.store(stop, 0, 1);
  if (signal.aborted) ask();
  signal.addEventListener('abort', ask, { once: true });
  try {
    // Not the options of this process: those of a test runner mean something else to a worker.
    const worker = new Worker(WORKER, { workerData: { ...job, stop } satisfies CopyJob, execArgv: [] });
    let said: CopyOutcome | undefined;
    worker.once('message', (outcome: CopyOutcome) => {
      said = outcome;
    });
    await once(worker, 'exit');
    if (said === undefined) throw new Error('the copy was not finished');
    if (said !== null) throw failure(said);
  } finally {
    signal.removeEventListener('abort', ask);
  }
}

function failure({ code, message }: NonNullable<CopyOutcome>): Error {
  return code === null ? new Error(message) : new EngineError(code, message);
}

async function remove(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-journal']) await rm(`${path}${suffix}`, { force: true });
}
