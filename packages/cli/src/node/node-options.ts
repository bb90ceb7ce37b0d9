import { mkdirSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { replaceFile, serializeNetworkFile } from '@sotto/directory';
import type { ProcessOptions } from '@sotto/node';
import { CommandFailure, USAGE_EXIT_CODE } from '../failure.ts';
import { readNetworkFile } from '../network-file.ts';
import { loadJoinPlace, settleJoinPlace } from './join-place.ts';
import type { NodeSettings } from './settings.ts';

/** The network's usual ports (node-network §1). */
const HTTPS_PORT = 22_021;
const OMQ_PORT = 22_020;
const MIB = 1024 * 1024;

/** Of settings, those without a folder are wrong. @throws CommandFailure */
export function folderOf({ folder }: NodeSettings): string {
  if (folder !== undefined) return folder;
  throw new CommandFailure("Name the node's folder: --folder FOLDER.", USAGE_EXIT_CODE);
}

/**
 * The options of a node's process, as settings say. What the process reads is in its own folder then: the network file is
 * copied there. @throws CommandFailure for settings that do not go together, or a network file that cannot be used.
 */
export async function processOptions(settings: NodeSettings): Promise<ProcessOptions> {
  const folder = folderOf(settings);
  const { host, durability } = settings;
  const maxStore = settings['max-store-mib'];
  const metricsPort = settings['metrics-port'];
  const maxWaiting = settings['max-waiting'];
  return {
    ...(await membership(folder, settings)),
    folder,
    control: true,
    httpsPort: settings['https-port'] ?? HTTPS_PORT,
    omqPort: settings['omq-port'] ?? OMQ_PORT,
    logLevel: settings['log-level'] ?? 'info',
    ...(host !== undefined && { host }),
    ...(metricsPort !== undefined && { metricsPort }),
    ...(maxWaiting !== undefined && { maxWaiting }),
    ...(maxStore !== undefined && { maxStoreBytes: maxStore * MIB }),
    ...(durability && { durability }),
    ...(settings['stats-key'] && { statsKeys: settings['stats-key'].map(statsKey) }),
  };
}

/** Where the list of nodes comes from: exactly one place. */
async function membership(
  folder: string,
  settings: NodeSettings,
): Promise<Pick<ProcessOptions, 'networkFile' | 'oxend'>> {
  const { network, oxend, chain, address, invite } = settings;
  const seeds = settings['oxend-seed'];
  const forceStart = settings['force-start'];
  if ((network === undefined) === (oxend === undefined)) {
    throw new CommandFailure('Name the network: either with --network FILE or with --oxend ADDRESS.', USAGE_EXIT_CODE);
  }
  if (oxend !== undefined) {
    if (address !== undefined || invite !== undefined) {
      throw new CommandFailure('--address and --invite go with --network only.', USAGE_EXIT_CODE);
    }
    return {
      oxend: { address: oxend, forceStart: forceStart ?? false, ...(chain && { chain }), ...(seeds && { seeds }) },
    };
  }
  if (chain !== undefined || seeds !== undefined || forceStart) {
    throw new CommandFailure('--chain, --oxend-seed and --force-start go with --oxend only.', USAGE_EXIT_CODE);
  }
  return ownNetwork(folder, network!, settings);
}

async function ownNetwork(folder: string, network: string, { address, invite }: NodeSettings) {
  const file = readNetworkFile(network);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const networkFile = join(folder, 'network.sotto');
  await replaceFile(networkFile, serializeNetworkFile(file));
  // A node that joined by itself once goes on telling where it is.
  const joins = address !== undefined || invite !== undefined || loadJoinPlace(folder) !== null;
  return { networkFile, ...(joins && { join: await settleJoinPlace(folder, file, { address, invite }) }) };
}

/** Where a node listens that others reach at an address: everywhere, or only there if that is this machine itself. */
export function hostFor(address: string): string {
  return isIPv4(address) && address.startsWith('127.') ? address : '0.0.0.0';
}

function statsKey(text: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text;
  throw new CommandFailure('--stats-key takes the 64 hex digits of an X25519 key.', USAGE_EXIT_CODE);
}
