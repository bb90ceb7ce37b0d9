import { join } from 'node:path';

/** The database of the profile in a folder. */
export function databasePath(folder: string): string {
  return join(folder, 'profile.db');
}

/** Where the files of the profile in a folder lie, sealed. */
export function filesFolder(folder: string): string {
  return join(folder, 'files');
}
