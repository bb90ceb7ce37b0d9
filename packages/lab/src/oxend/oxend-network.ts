import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { forEachBounded } from '../bounded.ts';
import { HOST } from '../network-folder.ts';
import { NodeProcess } from '../node-process.ts';
import { pickFreePorts } from '../ports.ts';
import { nodeProgram } from '../start-network.ts';
import { OxendLab, type OxendLabOptions } from './oxend-process.ts';

/** One node of a network that has a chain. */
export interface OxendNode {
  readonly httpsPort: number;
  readonly omqPort: number;
  /** Ed25519, lower-case hex. */
  readonly key: string;
  readonly process: NodeProcess;
}

export interface OxendNetworkOptions extends OxendLabOptions {
  /** Mean time between two reachability tests, ms; absent: the chapter's 10 s. */
  readonly testInterval?: number;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

/** Nodes in processes of their own that find each other through a stand-in for oxend, on this machine. */
export interface OxendNetwork {
  readonly oxend: OxendLab;
  readonly nodes: readonly OxendNode[];
  /** Ends every process. */
  close(): Promise<void>;
}

/**
 * Starts the stand-in and every registered node, and mines blocks until all of them know each other. Nothing is left
 * running if it rejects. @throws LabError `node` or `port`.
 */
export async function startOxendNetwork(options: OxendNetworkOptions): Promise<OxendNetwork> {
  const { folder, nodes: count, registered = count, testInterval } = options;
  const oxend = await OxendLab.start({ ...options, folder: join(folder, 'oxend') });
  const ports = await pickFreePorts(HOST, 2 * count);
  const nodes = Array.from({ length: count }, (_, index): OxendNode => {
    const [httpsPort, omqPort] = [ports[2 * index]!, ports[2 * index + 1]!];
    const own = join(folder, 'nodes', String(index));
    const input = {
      folder: own,
      oxend: { address: oxend.address(index), chain: 'private' },
      host: HOST,
      httpsPort,
      omqPort,
      logLevel: 'info',
      deliveryInterval: 200,
      ...(testInterval !== undefined && { testInterval }),
    };
    const process = new NodeProcess({
      program: nodeProgram(),
      input,
      logPath: join(own, 'node.log'),
      compileCache: join(folder, 'compile-cache'),
      reach: { write: [own] },
      startTimeout: START_TIMEOUT_MS,
      stopTimeout: STOP_TIMEOUT_MS,
      restart: false,
      onReady: () => {},
      onExited: () => {},
      onRestarting: () => {},
      onRestartFailed: () => {},
    });
    return { httpsPort, omqPort, key: oxend.key(index), process };
  });
  const network: OxendNetwork = {
    oxend,
    nodes,
    async close() {
      await Promise.all(nodes.map((node) => node.process.close()));
      await oxend.close();
    },
  };
  try {
    await forEachBounded(nodes.slice(0, registered), Math.max(2, availableParallelism()), (node) =>
      node.process.start(),
    );
    await oxend.mine();
    return network;
  } catch (error) {
    await network.close();
    throw error;
  }
}
