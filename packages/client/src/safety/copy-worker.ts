/** Runs as a worker of {@link copyAside}; it ends by itself. */
import { parentPort, workerData } from 'node:worker_threads';
import { wipe } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import { Database } from '../store/database.ts';
import { type CopyJob, type CopyOutcome, writeLastingCopy } from './copy-job.ts';

function work({ from, key, to, toKey, stop }: CopyJob): CopyOutcome {
  const goOn = () => {
    if (Atomics.load(stop, 0) !== 0) throw new EngineError('closed', 'the profile is closed');
  };
  try {
    goOn();
    // To open it reads all of it: a torn page must not get into what is to replace torn pages.
    const database = Database.open(from, key, 'existing');
    try {
      writeLastingCopy(database, to, toKey, goOn);
      return null;
    } finally {
      database.close();
    }
  } catch (error) {
    const { message } = error as Error;
    return { code: error instanceof EngineError ? error.code : null, message };
  } finally {
    wipe(key, ...(toKey ? [toKey] : []));
  }
}

parentPort?.postMessage(work(workerData as CopyJob));
