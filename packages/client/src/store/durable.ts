import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Puts a file that is complete in the place of another: after a crash it is one of the two, never half of it. */
export function moveDurably(from: string, to: string): void {
  sync(from, 'r+');
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** What the folder names is on disk when this returns. */
export function syncFolder(folder: string): void {
  // Windows cannot open folders, and does not need it.
  if (process.platform !== 'win32') sync(folder, 'r');
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
