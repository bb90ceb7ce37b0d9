import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex, utf8ToBytes } from '@sotto/wire/bytes';
import { type BlobStore, StoreFull } from './blob-store.ts';

const FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Files in a folder of this machine: written beside, synced, and then renamed to their place. */
export class DiskBlobs implements BlobStore {
  readonly #kept: string;
  readonly #unfinished: string;

  /** Removes what an ended process left unfinished. Throws the system's error if the folder cannot be used. */
  constructor(folder: string) {
    this.#kept = join(folder, 'kept');
    this.#unfinished = join(folder, 'unfinished');
    rmSync(this.#unfinished, { recursive: true, force: true });
    for (const path of [this.#kept, this.#unfinished]) mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const unfinished = join(this.#unfinished, randomBytes(12).toString('hex'));
    const { folder, path } = this.#place(name);
    try {
      await writeDurably(unfinished, bytes);
      if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(this.#kept);
      await rename(unfinished, path);
      await syncFolder(folder);
    } catch (cause) {
      await rm(unfinished, { force: true });
      if (FULL_CODES.has(String((cause as NodeJS.ErrnoException).code))) throw new StoreFull({ cause });
      throw cause;
    }
  }

  async read(name: string): Promise<Uint8Array | null> {
    return await readFile(this.#place(name).path).catch(absent(null));
  }

  async has(name: string): Promise<boolean> {
    return await access(this.#place(name).path).then(() => true, absent(false));
  }

  async remove(name: string): Promise<void> {
    await rm(this.#place(name).path, { force: true });
  }

  /** Some file systems do not tell upper from lower case, so names are written in hex. */
  #place(name: string): { readonly folder: string; readonly path: string } {
    const hex = bytesToHex(utf8ToBytes(name));
    const folder = join(this.#kept, hex.slice(-4));
    return { folder, path: join(folder, hex) };
  }
}

/** Gives `value` for what is not there; other failures stay failures. */
function absent<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
