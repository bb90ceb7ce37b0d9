import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryError, type NetworkFile, parseNetworkFile } from '@sotto/directory';
import type { DataFolder } from './data-folder.ts';
import { CommandFailure } from './failure.ts';

/**
 * Reads the network file that an option names, or else the one that `sotto up` left in the data folder.
 * @throws CommandFailure if there is none, or none that can be used
 */
export function findNetworkFile(data: DataFolder, option: string | undefined): NetworkFile {
  const path = option ?? defaultNetworkFile(data);
  if (path === undefined) {
    throw new CommandFailure(
      'No network is known here. Name a network file with --network, or start one with: sotto up',
    );
  }
  return readNetworkFile(path);
}

/** @throws CommandFailure if it cannot be read or is not a network file */
export function readNetworkFile(path: string): NetworkFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`Cannot read the network file ${path}.`);
  }
  try {
    return parseNetworkFile(text);
  } catch (error) {
    if (error instanceof DirectoryError)
      throw new CommandFailure(`${path} is not a network file that can be used: ${error.message}.`);
    throw error;
  }
}

function defaultNetworkFile(data: DataFolder): string | undefined {
  try {
    const name = readdirSync(data.network).find((entry) => entry.endsWith('.sotto'));
    return name && join(data.network, name);
  } catch {
    return undefined;
  }
}
