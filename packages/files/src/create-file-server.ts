import { loadOrCreateServerKeys } from './server-keys.ts';
import { createSettings, type FileServerSettings, type GivenSettings, readSettings } from './settings.ts';

/** A file server that exists but does not run. */
export interface NewFileServer {
  /** Ed25519 key, lower-case hex. */
  readonly publicKey: string;
  readonly settings: FileServerSettings;
}

/**
 * Makes a file server in a folder: keys in `files.seed`, settings in `files.json`. Keys that an interrupted making left
 * are used. @throws FilesError `settings` for wrong ones or if there are some already, `keys`, `folder`
 */
export function createFileServer(folder: string, given: GivenSettings): NewFileServer {
  readSettings(given);
  const publicKey = loadOrCreateServerKeys(folder);
  return { publicKey, settings: createSettings(folder, given) };
}
