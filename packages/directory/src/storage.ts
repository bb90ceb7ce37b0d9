import { constants } from 'node:fs';
import { open, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DirectoryError } from './errors.ts';

/** Where a directory's state is kept between runs: a file for nodes, whatever a client keeps its own things in. */
export interface StateStorage {
  /** What was saved last, or `null`. */
  load(): Promise<Uint8Array | null>;
  /** Resolves once the bytes survive a crash; until then, and if it rejects, the earlier ones do. */
  save(bytes: Uint8Array): Promise<void>;
}

/**
 * Keeps the state in one file, replaced as a whole. Its folder must exist.
 * Both functions throw DirectoryError `storage` with the system's reason.
 */
export function fileStorage(path: string): StateStorage {
  return {
    async load() {
      try {
        return await readFile(path);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw new DirectoryError('storage', `cannot read ${path}: ${(cause as Error).message}`, { cause });
      }
    },
    save: (bytes) => replaceFile(path, bytes),
  };
}

/**
 * Writes a file, mode 0600, so that a crash at any moment leaves the old content or the new one.
 * @throws DirectoryError `storage` with the system's reason; the old content stays then.
 */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await writeDurably(temporary, content);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await unlink(temporary).catch(() => {});
    throw new DirectoryError('storage', `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

const isWindows = process.platform === 'win32';
const { O_CREAT, O_EXCL, O_SYNC, O_WRONLY } = constants;
/** Each write is on the disk when it returns; unlike a sync, that is open to processes under Node's permission model. */
const NEW_AND_DURABLE = O_WRONLY | O_CREAT | O_EXCL | (isWindows ? 0 : O_SYNC);

async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  // A file that lies there already could be open to others, or be a link to elsewhere.
  await rm(path, { force: true });
  const file = await open(path, NEW_AND_DURABLE, 0o600);
  try {
    await file.writeFile(content);
    if (isWindows) await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes a rename durable. Where folders cannot be opened (Windows), and in a process under Node's permission model, which
 * may not sync, the file system does it by itself within seconds.
 */
async function syncFolder(path: string): Promise<void> {
  if (isWindows || process.permission) return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
