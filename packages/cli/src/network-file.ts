import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryError, isNetworkLink, type NetworkFile, parseNetworkFile, parseNetworkLink } from '@sotto/directory';
import type { DataFolder } from './data-folder.ts';
import { CommandFailure } from './failure.ts';

/**
 * Reads the network file that an option names, or else the one that `sotto up` left in the data folder.
 * @throws CommandFailure if there is none, or none that can be used
 */
export function findNetworkFile(data: DataFolder, option: string | undefined): NetworkFile {
  const path = option ?? defaultNetworkFile(data);
  if (path === undefined) throw noNetwork();
  return readNetworkFile(path);
}

/** What to say where no network is known. */
export function noNetwork(): CommandFailure {
  return new CommandFailure(
    'No network is known here. Name a network file with --network, join one with: sotto app, or start one with: sotto up',
  );
}

/** Reads a network file, given by its path or as a `sotto:` link. @throws CommandFailure if it cannot be used */
export function readNetworkFile(path: string): NetworkFile {
  if (isNetworkLink(path)) return explained(() => parseNetworkLink(path), 'That link leads to no network: ');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`Cannot read the network file ${path}.`);
  }
  return explained(() => parseNetworkFile(text), `${path} is not a network file that can be used: `);
}

function explained(read: () => NetworkFile, before: string): NetworkFile {
  try {
    return read();
  } catch (error) {
    if (error instanceof DirectoryError) throw new CommandFailure(`${before}${error.message}.`);
    throw error;
  }
}

/** The file that `sotto up` left in the data folder. */
export function defaultNetworkFile(data: DataFolder): string | undefined {
  try {
    const name = readdirSync(data.network).find((entry) => entry.endsWith('.sotto'));
    return name && join(data.network, name);
  } catch {
    return undefined;
  }
}
