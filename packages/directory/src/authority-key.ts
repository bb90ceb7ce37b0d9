import { randomBytes } from 'node:crypto';
import { open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { wipe } from '@sotto/wire/bytes';
import { ed25519KeyPair, type KeyPair } from '@sotto/wire/crypto';
import { DirectoryError } from './errors.ts';

const FILE_NAME = 'authority.key';

/**
 * Makes an authority's Ed25519 key and keeps its seed (32 raw bytes) in `authority.key` in an existing folder, mode 0600.
 * The caller wipes the secret. @throws DirectoryError `authority-key` if there is one already or it cannot be written.
 */
export async function createAuthorityKey(folder: string): Promise<KeyPair> {
  const path = join(folder, FILE_NAME);
  const seed = randomBytes(32);
  try {
    await writeNewFile(path, seed);
    return ed25519KeyPair(seed);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const why = exists ? 'it exists already' : (cause as Error).message;
    throw new DirectoryError('authority-key', `cannot create ${path}: ${why}`, { cause });
  } finally {
    wipe(seed);
  }
}

/**
 * Reads the key that {@link createAuthorityKey} made. The caller wipes the secret.
 * @throws DirectoryError `authority-key` if it is missing, damaged, or open to other users of the machine.
 */
export async function loadAuthorityKey(folder: string): Promise<KeyPair> {
  const path = join(folder, FILE_NAME);
  let seed: Buffer;
  try {
    if (process.platform !== 'win32' && (await stat(path)).mode & 0o077) {
      throw new DirectoryError('authority-key', `${path} is open to other users; run: chmod 600 ${path}`);
    }
    seed = await readFile(path);
  } catch (cause) {
    if (cause instanceof DirectoryError) throw cause;
    throw new DirectoryError('authority-key', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    return ed25519KeyPair(seed);
  } catch (cause) {
    throw new DirectoryError('authority-key', `${path} is damaged`, { cause });
  } finally {
    wipe(seed);
  }
}

async function writeNewFile(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
}
