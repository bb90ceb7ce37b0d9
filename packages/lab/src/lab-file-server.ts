import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NetworkFileServer } from '@sotto/directory';
import { LabError } from './errors.ts';
import type { NetworkLog } from './events.ts';
import type { FileServerPlace } from './file-server-places.ts';
import { NodeProcess } from './node-process.ts';

/** A file server of a running network: a process that can be killed and restarted, always with the same key, port and files. */
export interface LabFileServer {
  /** Counted from 0. */
  readonly index: number;
  /** Holds its keys, files and log (`files.log`). */
  readonly folder: string;
  /** Origin and key, as in the network file. */
  readonly listed: NetworkFileServer;
  /** `null` while it does not run. */
  readonly pid: number | null;
  /** Ends the process (absent: SIGKILL, as a crash would) and resolves once it is gone; it stays away until {@link restart}. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it properly if it runs, starts it again, and resolves once it serves. @throws LabError `node` */
  restart(): Promise<void>;
}

/** What {@link ProcessFileServer} needs. */
export interface ProcessFileServerOptions {
  readonly place: FileServerPlace;
  /** See `ChildProgram`. */
  readonly compileCache: string;
  readonly logLevel: string;
  readonly restart: boolean;
  /** ms. */
  readonly startTimeout: number;
  /** ms. */
  readonly stopTimeout: number;
  readonly log: NetworkLog;
}

/** A file server in a process of its own. */
export class ProcessFileServer implements LabFileServer {
  readonly index: number;
  readonly folder: string;
  readonly listed: NetworkFileServer;
  readonly #process: NodeProcess;

  constructor({ place, log, logLevel, ...rest }: ProcessFileServerOptions) {
    const { index: server, folder, host, port, listed } = place;
    this.index = server;
    this.folder = folder;
    this.listed = listed;
    this.#process = new NodeProcess({
      ...rest,
      program: join(dirname(createRequire(import.meta.url).resolve('@sotto/files')), 'process.ts'),
      input: { folder, logLevel, settings: { url: listed.url, host, port } },
      logPath: `${folder}/files.log`,
      onReady: (pid) => log({ event: 'file-server-ready', server, pid }),
      onExited: ({ code, signal }) => log({ event: 'file-server-exited', server, code, signal }),
      onRestarting: (pause) => log({ event: 'file-server-restarting', server, delay: pause }),
      onRestartFailed: (error) =>
        log({
          event: 'file-server-restart-failed',
          server,
          reason: error instanceof Error ? error.message : 'unknown failure',
        }),
    });
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  /** Starts the process and resolves once it listens. @throws LabError `node` */
  async start(): Promise<void> {
    try {
      await this.#process.start();
    } catch (cause) {
      if (!(cause instanceof LabError)) throw cause;
      throw new LabError('node', `File server ${this.index + 1} did not start: ${cause.message}`, { cause });
    }
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.#process.kill(signal);
  }

  async restart(): Promise<void> {
    await this.kill('SIGTERM');
    await this.start();
  }

  /** Resolves once its process is gone for good. */
  close(): Promise<void> {
    return this.#process.close();
  }
}
