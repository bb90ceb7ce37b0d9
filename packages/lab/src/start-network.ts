import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { type DirectoryStore, type NetworkFile, type NetworkParameters, startAuthority } from '@sotto/directory';
import { forEachBounded } from './bounded.ts';
import type { NetworkLog } from './events.ts';
import { type LabFileServer, ProcessFileServer } from './lab-file-server.ts';
import { type LabNode, ProcessNode } from './lab-node.ts';
import { HOST, type NetworkPlace, prepareNetwork } from './network-folder.ts';
import { requireFreePorts } from './ports.ts';

const START_TIMEOUT = 30_000;
const STOP_TIMEOUT = 10_000;

/** Small swarms, so that nine nodes make three of them. */
const DEFAULT_PARAMETERS: NetworkParameters = {
  swarmMin: 3,
  swarmIdeal: 3,
  swarmMargin: 0,
  relays: 3,
  join: 'listed',
  oneSite: true,
};

/** What a network on this machine shall be like. */
export interface NetworkOptions {
  /** Made if it is missing. A network that is in it already starts again with the same nodes, keys, ports and messages. */
  readonly folder: string;
  /** Absent: as many as there are, nine in a new network. More than there are adds some; fewer is refused. */
  readonly nodes?: number | undefined;
  /** File servers to have at least, 0 to 8; a network that has fewer gets more. Absent: 0. */
  readonly fileServers?: number | undefined;
  /** In a new network: its name. Absent: "Sotto". */
  readonly name?: string | undefined;
  /** In a new network: the lowest port to use, others follow it. Absent: free ones from 10,000 to 32,000. */
  readonly basePort?: number | undefined;
  /** In a new network: how its parameters differ from swarms of three on one site. */
  readonly parameters?: Partial<NetworkParameters>;
  /** Ends the start, or the network that it started. */
  readonly signal?: AbortSignal | undefined;
  readonly log?: NetworkLog;
  /** Start nodes again that end unasked. Absent: no, tests want to see it. */
  readonly restart?: boolean;
  /** Of the nodes' own logs. Absent: `warn`. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** More options of each node's process, as `@sotto/node` reads them, such as `rateLimit`. Absent: none. */
  readonly nodeOptions?: Readonly<Record<string, unknown>>;
  /** Time between two directories, ms. Absent: one hour. */
  readonly roundLength?: number;
  /** The program that each node's process runs; absent: that of `@sotto/node`. */
  readonly nodeProgram?: string;
  /** Time that a node has to start, ms; absent: 30 s. */
  readonly startTimeout?: number;
  /** Time that a node has to end before it is killed, ms; absent: 10 s. */
  readonly stopTimeout?: number;
}

/** A network that runs on this machine. */
export interface LabNetwork {
  readonly folder: string;
  readonly networkFile: NetworkFile;
  /** Path of the network file, for clients. */
  readonly networkFilePath: string;
  /** The authority, which is also the seed for stock clients: `https://host:port`. */
  readonly seedUrl: string;
  readonly nodes: readonly LabNode[];
  readonly fileServers: readonly LabFileServer[];
  /** What the authority has published. */
  readonly directory: DirectoryStore;
  /** Holds a round out of turn, so that there is a directory with the next epoch. */
  publish(): Promise<void>;
  /** Publishes a directory with only these nodes, by their index; so do all later ones. The others go on running. */
  list(indexes: readonly number[]): Promise<void>;
  /** Ends everything; resolves once no process of the network is left. */
  close(): Promise<void>;
}

/**
 * Starts a network on this machine: the authority in this process, each node and file server in one of its own. Resolves once every node
 * is ready and serves the directory. Nothing is left running if it rejects, and no node outlives this process.
 * @throws LabError `folder`, `port` or `node`; DirectoryError for damaged or unwritable files of the authority;
 * the signal's reason if that aborts.
 */
export async function startNetwork(options: NetworkOptions): Promise<LabNetwork> {
  const { signal } = options;
  signal?.throwIfAborted();
  const place = await prepareNetwork({
    folder: options.folder,
    name: options.name ?? 'Sotto',
    nodes: options.nodes,
    fileServers: options.fileServers ?? 0,
    basePort: options.basePort,
    parameters: { ...DEFAULT_PARAMETERS, ...options.parameters },
    now: Date.now(),
  });
  await requireFreePorts(HOST, portsOf(place), signal);
  const network = await runNetwork(place, options);
  const onAbort = () => void network.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    await network.startProcesses();
  } catch (error) {
    await network.close();
    signal?.throwIfAborted();
    throw error;
  }
  return network;
}

async function runNetwork(
  place: NetworkPlace,
  options: NetworkOptions,
): Promise<LabNetwork & { startProcesses(): Promise<void> }> {
  const { log = () => {} } = options;
  let listed: ReadonlySet<number> = new Set(place.nodes.map(({ index }) => index));
  const authority = await startAuthority({
    folder: place.authority.folder,
    networkFile: place.networkFile,
    nodes: () => place.nodes.filter(({ index }) => listed.has(index)).map(({ record }) => record),
    host: HOST,
    port: place.authority.port,
    ...(options.roundLength !== undefined && { roundLength: options.roundLength }),
    onRoundFailure: (error) =>
      log({ event: 'round-failed', reason: error instanceof Error ? error.message : 'unknown' }),
  });
  const nodes = place.nodes.map(
    (node) =>
      new ProcessNode({
        place: node,
        networkFilePath: place.networkFilePath,
        directory: authority.directory,
        program: options.nodeProgram ?? nodeProgram(),
        compileCache: join(options.folder, 'compile-cache'),
        logLevel: options.logLevel ?? 'warn',
        nodeOptions: options.nodeOptions ?? {},
        restart: options.restart ?? false,
        startTimeout: options.startTimeout ?? START_TIMEOUT,
        stopTimeout: options.stopTimeout ?? STOP_TIMEOUT,
        log,
      }),
  );
  const fileServers = place.fileServers.map(
    (server) =>
      new ProcessFileServer({
        place: server,
        compileCache: join(options.folder, 'compile-cache'),
        logLevel: options.logLevel ?? 'warn',
        restart: options.restart ?? false,
        startTimeout: options.startTimeout ?? START_TIMEOUT,
        stopTimeout: options.stopTimeout ?? STOP_TIMEOUT,
        log,
      }),
  );
  const processes = [...nodes, ...fileServers];
  let closed: Promise<unknown> | null = null;
  return {
    folder: options.folder,
    networkFile: place.networkFile,
    networkFilePath: place.networkFilePath,
    seedUrl: place.networkFile.seeds[0]!,
    nodes,
    fileServers,
    directory: authority.directory,
    publish: authority.publish,
    list(indexes) {
      listed = new Set(indexes);
      return authority.publish();
    },
    // Starting is computing, mostly: more at once than there are cores would only make all of them late.
    startProcesses: () => forEachBounded(processes, Math.max(2, availableParallelism()), (one) => one.start()),
    async close() {
      closed ??= Promise.all([...processes.map((one) => one.close()), authority.close()]);
      await closed;
    },
  };
}

function portsOf({ authority, nodes, fileServers }: NetworkPlace): number[] {
  const ofNodes = nodes.flatMap(({ httpsPort, omqPort }) => [httpsPort, omqPort]);
  return [authority.port, ...ofNodes, ...fileServers.map(({ port }) => port)];
}

export function nodeProgram(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@sotto/node')), 'process.ts');
}
