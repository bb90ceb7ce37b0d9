import { setTimeout as delay } from 'node:timers/promises';
import { type DirectoryStore, httpsFetcher } from '@sotto/directory';
import { hexToBytes } from '@sotto/wire/bytes';
import { NO_SWARM, type SwarmId } from '@sotto/wire/swarm';
import { LabError } from './errors.ts';
import type { NetworkLog } from './events.ts';
import { HOST, type NodePlace } from './network-folder.ts';
import { NodeProcess } from './node-process.ts';

const RETRY_INTERVAL = 50;

/** A node of a running network: a process that can be killed and restarted, always with the same keys, ports and messages. */
export interface LabNode {
  /** Counted from 0. */
  readonly index: number;
  /** Holds its keys, messages and log (`node.log`). */
  readonly folder: string;
  /** Public keys, lower-case hex. */
  readonly keys: { readonly ed25519: string; readonly x25519: string };
  readonly httpsPort: number;
  readonly omqPort: number;
  /** By the newest directory; all ones without a swarm. */
  readonly swarmId: SwarmId;
  /** `null` while it does not run. */
  readonly pid: number | null;
  /**
   * Ends the process (absent: SIGKILL, as a crash would) and resolves once it is gone. It stays away until {@link restart},
   * also in a network that restarts crashed nodes.
   */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it properly if it runs, starts it again, and resolves once it serves. @throws LabError `node` */
  restart(): Promise<void>;
}

/** What {@link ProcessNode} needs. */
export interface ProcessNodeOptions {
  readonly place: NodePlace;
  readonly networkFilePath: string;
  /** See `ChildProgram`. */
  readonly compileCache: string;
  /** Where the nodes' swarms are looked up. */
  readonly directory: DirectoryStore;
  readonly program: string;
  readonly logLevel: string;
  /** Further options of the process. */
  readonly nodeOptions: Readonly<Record<string, unknown>>;
  readonly restart: boolean;
  /** ms. */
  readonly startTimeout: number;
  /** ms. */
  readonly stopTimeout: number;
  readonly log: NetworkLog;
}

/** A node in a process of its own. */
export class ProcessNode implements LabNode {
  readonly index: number;
  readonly folder: string;
  readonly keys: { readonly ed25519: string; readonly x25519: string };
  readonly httpsPort: number;
  readonly omqPort: number;
  readonly #options: ProcessNodeOptions;
  readonly #process: NodeProcess;
  readonly #closing = new AbortController();

  constructor(options: ProcessNodeOptions) {
    const { place, log } = options;
    this.index = place.index;
    this.folder = place.folder;
    this.keys = place.keys;
    this.httpsPort = place.httpsPort;
    this.omqPort = place.omqPort;
    this.#options = options;
    this.#process = new NodeProcess({
      program: options.program,
      input: {
        folder: place.folder,
        networkFile: options.networkFilePath,
        host: HOST,
        httpsPort: place.httpsPort,
        omqPort: place.omqPort,
        logLevel: options.logLevel,
        ...options.nodeOptions,
      },
      logPath: `${place.folder}/node.log`,
      startTimeout: options.startTimeout,
      compileCache: options.compileCache,
      reach: { write: [place.folder], read: [options.networkFilePath] },
      stopTimeout: options.stopTimeout,
      restart: options.restart,
      onReady: (pid) => log({ event: 'node-ready', node: place.index, pid }),
      onExited: ({ code, signal }) => log({ event: 'node-exited', node: place.index, code, signal }),
      onRestarting: (pause) => log({ event: 'node-restarting', node: place.index, delay: pause }),
      onRestartFailed: (error) => log({ event: 'node-restart-failed', node: place.index, reason: reasonOf(error) }),
    });
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  get swarmId(): SwarmId {
    return this.#options.directory.current()?.node(hexToBytes(this.keys.ed25519))?.swarmId ?? NO_SWARM;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.#process.kill(signal);
  }

  async restart(): Promise<void> {
    await this.kill('SIGTERM');
    await this.start();
  }

  /** Starts the process and resolves once it serves the directory. @throws LabError `node` */
  async start(): Promise<void> {
    try {
      await this.#process.start();
      await this.#servesDirectory();
    } catch (cause) {
      if (!(cause instanceof LabError)) throw cause;
      throw new LabError('node', `Node ${this.index + 1} did not start: ${cause.message}`, { cause });
    }
  }

  /** Resolves once its process is gone for good. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the network is closed'));
    await this.#process.close();
  }

  async #servesDirectory(): Promise<void> {
    const fetcher = httpsFetcher(`https://${HOST}:${this.httpsPort}`);
    const giveUp = performance.now() + this.#options.startTimeout;
    while (true) {
      const served = await fetcher(null, this.#closing.signal).catch(() => null);
      this.#closing.signal.throwIfAborted();
      if (served) return;
      if (this.pid === null) throw new LabError('node', 'ended after its start');
      if (performance.now() > giveUp) throw new LabError('node', 'did not learn the directory');
      await delay(RETRY_INTERVAL);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}
