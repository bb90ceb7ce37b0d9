import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnyNetworkFile,
  DirectoryError,
  isChainNetwork,
  isNetworkLink,
  type NetworkFile,
  parseAnyNetworkFile,
  parseNetworkLink,
} from '@sotto/directory';
import type { DataFolder } from './data-folder.ts';
import { CommandFailure } from './failure.ts';
import { printable } from './output.ts';

/**
 * Reads the network file that an option names, or else the one that `sotto up` left in the data folder.
 * @throws CommandFailure if there is none, or none that can be used
 */
export function findNetworkFile(data: DataFolder, option: string | undefined): AnyNetworkFile {
  const path = option ?? defaultNetworkFile(data);
  if (path === undefined) throw noNetwork();
  return readAnyNetworkFile(path);
}

/** What to say where no network is known. */
export function noNetwork(): CommandFailure {
  return new CommandFailure(
    'No network is known here. Name a network file with --network, join one with: sotto app, or start one with: sotto up',
  );
}

/** The public Session network, shipped with the program. */
const PUBLIC_NETWORK = { word: 'session', path: join(import.meta.dirname, '../../../networks/session.sotto') };

/**
 * Reads the file of a network with signed directories, given by its path or as a `sotto:` link.
 * @throws CommandFailure if it cannot be used, or a chain lists the network's nodes
 */
export function readNetworkFile(path: string): NetworkFile {
  const network = readAnyNetworkFile(path);
  if (!isChainNetwork(network)) return network;
  const name = printable(network.name);
  throw new CommandFailure(`The nodes of ${name} are listed by its own chain. There are no authorities to work with.`);
}

/**
 * Reads a network file of either kind, given by its path, as a `sotto:` link, or by the word `session` for the public
 * network (a file of that name is found as ./session). @throws CommandFailure if it cannot be used
 */
export function readAnyNetworkFile(given: string): AnyNetworkFile {
  if (isNetworkLink(given)) return explained(() => parseNetworkLink(given), 'That link leads to no network: ');
  const path = given === PUBLIC_NETWORK.word ? PUBLIC_NETWORK.path : given;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`Cannot read the network file ${path}.`);
  }
  return explained(() => parseAnyNetworkFile(text), `${path} is not a network file that can be used: `);
}

function explained(read: () => AnyNetworkFile, before: string): AnyNetworkFile {
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
