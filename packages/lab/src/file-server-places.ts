import { join } from 'node:path';
import type { NetworkFileServer } from '@sotto/directory';
import { FilesError, loadOrCreateServerKeys } from '@sotto/files';
import { LabError } from './errors.ts';

/** One file server of a network on this machine, running or not. */
export interface FileServerPlace {
  /** Counted from 0. */
  readonly index: number;
  /** Holds its keys, files and log. */
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** What the network file says of it. */
  readonly listed: NetworkFileServer;
}

/**
 * Finds a file server in a network's folder, or makes its keys.
 * @throws LabError `folder` for damaged or unwritable files
 */
export function openFileServer(folder: string, host: string, index: number, port: number): FileServerPlace {
  const own = join(folder, 'file-servers', String(index + 1).padStart(2, '0'));
  try {
    const key = loadOrCreateServerKeys(own);
    return { index, folder: own, host, port, listed: { url: `http://${host}:${port}`, key } };
  } catch (cause) {
    if (!(cause instanceof FilesError)) throw cause;
    throw new LabError('folder', cause.message, { cause });
  }
}
