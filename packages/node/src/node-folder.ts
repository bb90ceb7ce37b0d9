import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Certificate,
  DirectoryError,
  DirectoryStore,
  fileStorage,
  loadOrCreateCertificate,
  type NetworkFile,
} from '@sotto/directory';
import { NodeError } from './errors.ts';
import type { NodeOptions } from './node-options.ts';
import { type MessageStore, StoreFailure } from './store/message-store.ts';
import { openSqliteStore } from './store/sqlite-store.ts';

/** Makes the node's folder, for the owner only. @throws NodeError `folder`. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NodeError('folder', `The node's folder ${folder} cannot be made: ${code}.`);
  }
}

/** Opens the messages in it. @throws NodeError `store`. */
export function openStore({ folder, maxStoreBytes, durability }: NodeOptions): MessageStore {
  try {
    return openSqliteStore({
      path: join(folder, 'messages.db'),
      ...(maxStoreBytes !== undefined && { maxBytes: maxStoreBytes }),
      ...(durability && { durability }),
    });
  } catch (error) {
    throw storeProblem(error, folder);
  }
}

/** A failure of the store at the start as operators are told; other errors as they are. */
export function storeProblem(error: unknown, folder: string): unknown {
  if (!(error instanceof StoreFailure)) return error;
  return new NodeError('store', `The messages in ${folder} cannot be opened: ${error.message}.`);
}

/** Opens what is known of the directory. @throws NodeError `directory`. */
export async function openDirectory(networkFile: NetworkFile, { folder, now }: NodeOptions): Promise<DirectoryStore> {
  try {
    const storage = fileStorage(join(folder, 'directory.json'));
    return await DirectoryStore.open({ networkFile, storage, ...(now && { now }) });
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    throw new NodeError('directory', `The directory in ${folder} cannot be used: ${error.message}.`);
  }
}

/** Reads the TLS certificate, or makes it. @throws NodeError `folder`. */
export async function openCertificate(folder: string): Promise<Certificate> {
  try {
    return await loadOrCreateCertificate(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NodeError('folder', `The certificate in ${folder} cannot be written: ${code}.`);
  }
}
