import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NetworkFile, parseNetworkFile } from '@sotto/directory';
import type { DataFolder } from './data-folder.ts';
import { CommandFailure } from './failure.ts';

/**
 * Reads the network file that an option names, or else the one that `sotto up` left in the data folder.
 * @throws CommandFailure if there is none or it cannot be read; DirectoryError if it is not a network file.
 */
export function findNetworkFile(data: DataFolder, option: string | undefined): { path: string; file: NetworkFile } {
  const path = option ?? defaultNetworkFile(data);
  if (path === undefined) {
    throw new CommandFailure(
      'No network is known here. Name a network file with --network, or start one with: sotto up',
    );
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`Cannot read the network file ${path}.`);
  }
  return { path, file: parseNetworkFile(text) };
}

function defaultNetworkFile(data: DataFolder): string | undefined {
  try {
    const name = readdirSync(data.network).find((entry) => entry.endsWith('.sotto'));
    return name && join(data.network, name);
  } catch {
    return undefined;
  }
}
