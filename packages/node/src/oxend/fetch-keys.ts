import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { callOxend, DirectoryError, type OxendAddress, parseNodeSecrets } from '@sotto/directory';
import { x25519KeyPair } from '@sotto/wire/crypto';
import type { NodeKeys } from '@sotto/wire/nodes';
import { NodeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { askOnce } from './ask-once.ts';

const RETRY_MS = 5_000;

/**
 * Gets the node's keys from oxend (node-network §10.2), trying until oxend gives them. They are never written.
 * @param retry pause after an attempt that failed, ms.
 * @throws NodeError `keys` if the signal aborts first.
 */
export async function fetchNodeKeys(
  address: OxendAddress,
  log: Log,
  signal: AbortSignal,
  retry = RETRY_MS,
): Promise<NodeKeys> {
  if (isExposed(address)) {
    log.warn(
      { code: 'oxend' },
      'The way to oxend is not encrypted: whoever can listen there gets the keys of this node.',
    );
  }
  // Before we have our own keys, any will do.
  const keys = x25519KeyPair(randomBytes(32));
  const link = { address, keys, random: randomBytes, monotonicNow: () => performance.now() };
  const request = (command: string, data: readonly Uint8Array[]) => askOnce(link, command, data, signal);
  while (!signal.aborted) {
    const outcome = await callOxend(request, 'admin.get_service_node_privkey');
    try {
      if (outcome.kind === 'done') return parseNodeSecrets(outcome.json);
      const why = outcome.kind === 'refused' ? `it refuses: ${outcome.text}` : 'it does not answer';
      if (!signal.aborted) log.warn({ code: 'oxend' }, `Waiting for the node's keys from oxend: ${why}.`);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      log.warn({ code: error.code }, `Waiting for the node's keys from oxend: ${error.message}.`);
    }
    await delay(retry, undefined, { signal }).catch(() => {});
  }
  throw new NodeError('keys', 'The node was stopped before oxend gave it its keys.');
}

/** Does the link leave this machine without encryption? */
function isExposed({ place, key }: OxendAddress): boolean {
  return key === null && place.kind === 'tcp' && !/^(?:localhost|127\..*|::1)$/.test(place.host);
}
