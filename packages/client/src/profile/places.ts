import { join } from 'node:path';

/** The database of the profile in a folder. */
export function databasePath(folder: string): string {
  return join(folder, 'profile.db');
}

/** Where the files of the profile in a folder lie, sealed. */
export function filesFolder(folder: string): string {
  return join(folder, 'files');
}

/** Where a profile's folder keeps the file of the network that was chosen for it, if one was. */
export function profileNetworkPath(folder: string): string {
  return join(folder, 'network.sotto');
}
