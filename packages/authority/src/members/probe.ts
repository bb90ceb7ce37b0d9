import { randomBytes } from 'node:crypto';
import type { AdmittedNode } from '@sotto/directory';
import { httpsPing, type Log, OmqEndpoint } from '@sotto/node';
import { wipe } from '@sotto/wire/bytes';
import { ed25519PublicToX25519, x25519KeyPair } from '@sotto/wire/crypto';
import { NO_SWARM } from '@sotto/wire/swarm';

const VERSION = '2.11.3';

/** Finds out whether a node answers where it says that it is. */
export interface Probe {
  /** Never rejects. */
  reach(node: AdmittedNode): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Asks nodes from this machine's own address (node-network §9): `ping_test` over HTTPS, where the node must name its key,
 * and any OxenMQ answer over a connection that proves it.
 * @param timeout for each of the two, ms.
 */
export function networkProbe(timeout: number, log: Log): Probe {
  const secret = new Uint8Array(randomBytes(32));
  const endpoint = new OmqEndpoint({
    keys: x25519KeyPair(secret),
    categories: {},
    isServiceNode: () => false,
    addressOf: () => null,
    random: randomBytes,
    monotonicNow: () => performance.now(),
    log,
  });
  return {
    async reach(node) {
      const overHttps = httpsPing({ ...node, swarmId: NO_SWARM }, VERSION, AbortSignal.timeout(timeout));
      const answers = await Promise.all([overHttps, answersOmq(endpoint, node, timeout)]);
      return answers.every(Boolean);
    },
    async close() {
      await endpoint.close();
      wipe(secret);
    },
  };
}

/** A node refuses the command to those that it does not know as nodes, which is an answer just as well. */
async function answersOmq(endpoint: OmqEndpoint, node: AdmittedNode, timeout: number): Promise<boolean> {
  const key = ed25519PublicToX25519(node.ed25519Key);
  if (!key) return false;
  const result = await endpoint.request({ key, host: node.ip, port: node.omqPort }, 'sn.ping', [], timeout);
  return result.ok || result.error !== 'TIMEOUT';
}
