import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { wipe } from '@sotto/wire/bytes';
import { FilesError } from './errors.ts';
import { createHttpServer } from './http/http-server.ts';
import { listen } from './http/listen.ts';
import { createLog, type Log, type LogLevel } from './log.ts';
import { Metrics, serveMetrics } from './metrics.ts';
import { OnionDoor } from './onion-door.ts';
import { Router } from './router.ts';
import { loadServerKeys, type ServerKeys } from './server-keys.ts';
import type { FileServerSettings } from './settings.ts';
import type { BlobStore } from './store/blob-store.ts';
import { DiskBlobs } from './store/disk-blobs.ts';
import { FileIndex } from './store/file-index.ts';
import { FileStore } from './store/file-store.ts';
import { S3Blobs, s3CredentialsFrom } from './store/s3-blobs.ts';

/** What a file server needs to run. */
export interface FileServerOptions {
  /** Holds keys, index and, unless the store is elsewhere, files. */
  readonly folder: string;
  readonly settings: FileServerSettings;
  /** Absent: `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** Unix ms; absent: the system's clock. */
  readonly now?: (() => number) | undefined;
  /** Where the credentials of an S3 store are; absent: the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** A file server that listens. */
export interface RunningFileServer {
  /** Ed25519 key, lower-case hex. */
  readonly publicKey: string;
  readonly port: number;
  /** Port of the metrics on 127.0.0.1; `null` if there are none. */
  readonly metricsPort: number | null;
  /** Removes some of the files whose time is over now; gives how many. It is done every 15 s anyway. */
  cleanUp(): Promise<number>;
  /** Lets running answers end; resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** Pause between two clean-ups (messages §9.2). */
const CLEAN_UP_MS = 15_000;
/** SQLite's own number for a database that somebody else has locked. */
const SQLITE_BUSY = 5;
/** So many seconds' worth may come at once. */
const BURST_SECONDS = 16;

/**
 * Starts a file server with the keys in its folder.
 * @throws FilesError `keys` if there are none or they are damaged, `store`, `folder`, `port`
 */
export async function startFileServer(options: FileServerOptions): Promise<RunningFileServer> {
  const { folder, settings, now = Date.now } = options;
  const log = createLog(options.logLevel ?? 'info');
  const keys = requireKeys(folder);
  await using starting = new AsyncDisposableStack();
  starting.defer(() => wipe(keys.x25519.secretKey));
  const store = openStore(options, log, now);
  starting.defer(() => store.close());
  const metrics = new Metrics(() => store.usage());
  const router = new Router({ store, settings, now, log });
  const http = createHttpServer({
    router,
    onion: new OnionDoor(keys.x25519, router),
    metrics,
    log,
    requests: { perSecond: settings.requestsPerSecond, burst: settings.requestsPerSecond * BURST_SECONDS },
    uploadBytes: { perSecond: settings.uploadBytesPerSecond, burst: settings.uploadBytesPerSecond * BURST_SECONDS },
    monotonicNow: () => performance.now(),
  });
  const cleanUp = async () => {
    const count = await store.cleanUp();
    metrics.removed(count);
    return count;
  };
  const stopping = new AbortController();
  const cleaning = keepClean(cleanUp, log, stopping.signal);
  starting.defer(async () => {
    stopping.abort();
    await cleaning;
  });
  const metricsServer = settings.metricsPort === null ? null : await serveMetrics(metrics, settings.metricsPort);
  if (metricsServer) starting.defer(() => closed(metricsServer.server));
  const port = await listen(http.server, settings.host, settings.port);
  starting.defer(http.close);
  log.info({ port, count: store.usage().files }, 'The file server listens.');
  const running = starting.move();
  return {
    publicKey: keys.publicKey,
    port,
    metricsPort: metricsServer?.port ?? null,
    cleanUp,
    close: () => running.disposeAsync(),
  };
}

function requireKeys(folder: string): ServerKeys {
  const keys = loadServerKeys(folder);
  if (keys) return keys;
  throw new FilesError('keys', `There is no file server in ${folder}. Make one first: sotto files init`);
}

function openStore(
  { folder, settings, environment = process.env }: FileServerOptions,
  log: Log,
  now: () => number,
): FileStore {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    using opening = new DisposableStack();
    // First, since it is locked: what another process is writing must not be tidied up.
    const index = new FileIndex(join(folder, 'index.db'));
    opening.defer(() => index.close());
    const blobs: BlobStore =
      settings.store.kind === 'disk'
        ? new DiskBlobs(join(folder, 'files'))
        : new S3Blobs(settings.store, s3CredentialsFrom(environment));
    const { ids, maxTotalBytes } = settings;
    const store = new FileStore({ index, blobs, ids, maxTotalBytes, now, randomNumber, log });
    opening.move();
    return store;
  } catch (cause) {
    if (cause instanceof FilesError) throw cause;
    const { errcode, code, message } = cause as NodeJS.ErrnoException & { readonly errcode?: number };
    if (errcode === SQLITE_BUSY) throw new FilesError('store', `Another process runs the file server in ${folder}.`);
    const reason = errcode === undefined ? (code ?? message) : message;
    throw new FilesError('store', `The files in ${folder} cannot be opened: ${reason}.`, { cause });
  }
}

function randomNumber(): bigint {
  return randomBytes(8).readBigUInt64BE() >> 11n;
}

async function keepClean(cleanUp: () => Promise<number>, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      while (!signal.aborted && (await cleanUp()) > 0);
    } catch {
      log.error({}, 'The clean-up failed.');
    }
    await sleep(CLEAN_UP_MS, undefined, { signal }).catch(() => undefined);
  }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
