import { randomBytes } from 'node:crypto';
import { closeSync, constants, fsyncSync, linkSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const isWindows = process.platform === 'win32';
const { O_CREAT, O_EXCL, O_SYNC, O_WRONLY } = constants;
/** Each write is on the disk when it returns; unlike a sync, that is open to processes under Node's permission model. */
const NEW_AND_DURABLE = O_WRONLY | O_CREAT | O_EXCL | (isWindows ? 0 : O_SYNC);

/**
 * Creates a file with mode 0600 that is either absent or complete, also after a crash; missing folders are made (0700).
 * Throws the system's error, `EEXIST` if the file is there already.
 */
export function createPrivateFile(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(unfinished, NEW_AND_DURABLE, 0o600);
  try {
    writeSync(file, content);
    if (isWindows) fsyncSync(file);
    linkSync(unfinished, path);
  } finally {
    closeSync(file);
    unlinkSync(unfinished);
  }
}
