import { randomBytes } from 'node:crypto';
import { DirectoryError, parseOxendAddress } from '@sotto/directory';
import type { NodeKeys } from '@sotto/wire/nodes';
import { NodeError } from '../errors.ts';
import { createNodeKeys, loadNodeKeys } from '../keys/node-keys.ts';
import type { Log } from '../log.ts';
import { openDirectory } from '../node-folder.ts';
import type { NodeOptions } from '../node-options.ts';
import { fetchNodeKeys } from '../oxend/fetch-keys.ts';
import { oxendMembership } from '../oxend/oxend-membership.ts';
import type { OxendOptions } from '../oxend/oxend-options.ts';
import { DescriptorSender } from './descriptor-sender.ts';
import { directoryMembership } from './directory-membership.ts';
import type { Membership } from './membership.ts';

const DIRECTORY_INTERVAL_MS = 60_000;

/**
 * Prepares a node's place in its network: its keys, which it keeps itself or oxend keeps for it, and the source of its
 * list of nodes. With oxend, waits until that gives the keys. Nothing runs afterwards.
 * @throws NodeError `options`, `keys`, `directory` or `folder`.
 */
export async function joinNetwork(
  options: NodeOptions,
  version: readonly [number, number, number],
  log: Log,
): Promise<{ readonly keys: NodeKeys; readonly membership: Membership }> {
  const { folder, networkFile, oxend } = options;
  if (oxend && !networkFile) return joinThroughOxend(oxend, options, version, log);
  if (!networkFile || oxend) throw wrong('name either a network file or the address of oxend');
  const keys = loadNodeKeys(folder) ?? createNodeKeys(folder);
  const store = await openDirectory(networkFile, options);
  const { join, now = Date.now } = options;
  const membership = directoryMembership({
    store,
    ownKey: keys.ed25519.publicKey,
    descriptors: join && new DescriptorSender({ ...join, store, keys: keys.ed25519, version, now }),
    interval: options.directoryInterval ?? DIRECTORY_INTERVAL_MS,
    random: randomBytes,
    log,
  });
  return { keys, membership };
}

async function joinThroughOxend(
  oxend: OxendOptions,
  { signal = new AbortController().signal }: NodeOptions,
  version: readonly [number, number, number],
  log: Log,
) {
  try {
    const keys = await fetchNodeKeys(parseOxendAddress(oxend.address), log, signal);
    const monotonicNow = () => performance.now();
    const membership = oxendMembership({ oxend, keys, version, random: randomBytes, monotonicNow, log });
    return { keys, membership };
  } catch (error) {
    if (error instanceof DirectoryError) throw wrong(error.message);
    throw error;
  }
}

function wrong(what: string): NodeError {
  return new NodeError('options', `The node's options are wrong: ${what}.`);
}
