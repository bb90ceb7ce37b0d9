import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a file with mode 0600 that is either absent or complete, also after a crash; missing folders are made (0700).
 * Throws the system's error, `EEXIST` if the file is there already.
 */
export function createPrivateFile(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(unfinished, 'wx', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
    linkSync(unfinished, path);
  } finally {
    closeSync(file);
    unlinkSync(unfinished);
  }
}
