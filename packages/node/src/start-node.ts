import { randomBytes } from 'node:crypto';
import { DirectoryError, type DirectoryStore, followDirectory } from '@sotto/directory';
import type { NodeKeys } from '@sotto/wire/nodes';
import { formatSwarmId } from '@sotto/wire/swarm';
import { answerEnvelope, onionAnswer } from './handler/envelope.ts';
import { StorageHandler } from './handler/handler.ts';
import { nodeRoutes } from './https/routes.ts';
import { startHttpsServer } from './https/server.ts';
import { createNodeKeys, loadNodeKeys, wipeNodeKeys } from './keys/node-keys.ts';
import { createLog, type Log } from './log.ts';
import { Monitor } from './monitor/monitor.ts';
import { RateLimiter } from './net/rate-limiter.ts';
import { makeFolder, openCertificate, openDirectory, openStore } from './node-folder.ts';
import type { NodeOptions, RunningNode } from './node-options.ts';
import { storageCommands } from './omq/commands.ts';
import { OmqEndpoint } from './omq/omq-endpoint.ts';
import { OmqPeers } from './omq/omq-peers.ts';
import { OnionRouter } from './onion/onion-router.ts';
import { ServerExit } from './onion/server-exit.ts';
import { type MessageStore, StoreFailure } from './store/message-store.ts';
import { StoreHealth } from './store/store-health.ts';
import { Deliveries } from './swarm/deliveries.ts';
import { directoryFetchers } from './swarm/directory-refresh.ts';
import { NodeIndex } from './swarm/node-index.ts';
import { receiveData } from './swarm/received-data.ts';
import { SwarmView } from './swarm/swarm-view.ts';
import { repeat } from './timers.ts';

const VERSION = [2, 11, 3] as const;
const HARD_FORK = [19, 6] as const;
const CLEAN_UP_INTERVAL_MS = 10_000;
const DIRECTORY_INTERVAL_MS = 300_000;
const DIRECTORY_RETRY_MS = 1_000;
const DELIVERY_INTERVAL_MS = 5_000;

/**
 * Starts a storage node; resolves when it listens on both ports. It may not know the directory yet: see `ready`.
 * @throws NodeError with one sentence that says what to do.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  makeFolder(options.folder);
  const keys = loadNodeKeys(options.folder) ?? createNodeKeys(options.folder);
  const log = options.log ?? createLog(options.logLevel ?? 'info');
  const directory = await openDirectory(options);
  const store = openStore(options);
  const node = new Node(options, keys, log, directory, store);
  try {
    await node.listen();
    return node;
  } catch (error) {
    await node.close();
    throw error;
  }
}

class Node implements RunningNode {
  readonly keys: RunningNode['keys'];
  readonly ready: Promise<void>;
  httpsPort = 0;
  omqPort = 0;
  readonly #options: NodeOptions;
  readonly #secrets: NodeKeys;
  readonly #log: Log;
  readonly #directory: DirectoryStore;
  readonly #store: MessageStore;
  readonly #swarms: SwarmView;
  readonly #omq: OmqEndpoint;
  readonly #onions: OnionRouter;
  readonly #handler: StorageHandler;
  readonly #deliveries: Deliveries;
  readonly #monitor: Monitor;
  readonly #rateLimiters: readonly RateLimiter[];
  readonly #health: StoreHealth;
  readonly #owner = new AbortController();
  readonly #now: () => number;
  #closeHttps: (() => Promise<void>) | undefined;
  #background: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(options: NodeOptions, secrets: NodeKeys, log: Log, directory: DirectoryStore, store: MessageStore) {
    const ed25519Key = secrets.ed25519.publicKey;
    const { signal } = this.#owner;
    this.#options = options;
    this.#secrets = secrets;
    this.#log = log;
    this.#directory = directory;
    this.#store = store;
    this.#now = options.now ?? Date.now;
    this.keys = { ed25519: ed25519Key, x25519: secrets.x25519.publicKey };
    this.ready = firstList(directory);
    this.#swarms = new SwarmView(directory, ed25519Key);
    this.#health = new StoreHealth(log, monotonicNow);
    const peers = new OmqPeers(directory);
    this.#deliveries = new Deliveries({
      store,
      source: directory,
      peers,
      ownKey: ed25519Key,
      version: VERSION,
      log,
      signal,
      now: this.#now,
      interval: options.deliveryInterval ?? DELIVERY_INTERVAL_MS,
    });
    this.#monitor = new Monitor(this.#swarms, this.#now);
    this.#handler = new StorageHandler({
      store,
      swarms: this.#swarms,
      peers,
      ed25519Key,
      secretKey: secrets.ed25519.secretKey,
      identity: { version: VERSION, hardFork: HARD_FORK, height: () => directory.current()?.epoch ?? 0 },
      directory: () => this.#signedDirectory(),
      now: this.#now,
      random: randomBytes,
      onStoreFailure: (failure) => this.#health.failed(failure),
      onStored: (message) => this.#monitor.stored(message),
      onMissed: (peer, request, params) => this.#deliveries.missed(peer, request, params),
      onUnexpected: () => log.error({ code: 'handler' }, 'A request failed unexpectedly.'),
    });
    this.#onions = new OnionRouter({
      ed25519Key,
      x25519: secrets.x25519,
      isReady: () => this.#notReady().length === 0,
      node: (key) => directory.current()?.node(key),
      peers,
      exit: new ServerExit({
        version: VERSION.join('.'),
        allowPrivateAddresses: () => options.allowPrivateAddresses ?? options.networkFile.parameters.oneSite,
        signal,
      }),
      answer: async (body) => onionAnswer(await answerEnvelope(this.#handler, body)),
      random: randomBytes,
    });
    // HTTPS and OxenMQ count separately (storage-rpc §2.7).
    this.#rateLimiters = options.rateLimit === false ? [] : [new RateLimiter(), new RateLimiter()];
    const index = new NodeIndex(directory);
    this.#omq = new OmqEndpoint({
      keys: secrets.x25519,
      categories: storageCommands({
        handler: this.#handler,
        onions: this.#onions,
        monitor: this.#monitor,
        version: VERSION,
        receiveData: (parts) => receiveData(parts, store, (failure) => this.#health.failed(failure)),
        dataReady: (key, wantsEverything) => {
          const node = index.node(key);
          if (!node || node.swarmId !== this.#swarms.own()?.id) return 'Swarm mismatch';
          if (wantsEverything) void this.#deliveries.askedForEverything(node);
          return null;
        },
        rateLimiter: this.#rateLimiters[1],
        monotonicNow,
      }),
      isServiceNode: (key) => index.node(key) !== undefined,
      addressOf: (key) => {
        const node = index.node(key);
        return node ? peers.addressOf(node) : null;
      },
      random: randomBytes,
      monotonicNow,
      log,
    });
    peers.use(this.#omq);
  }

  swarm(): string | null {
    const own = this.#swarms.own();
    return own && formatSwarmId(own.id);
  }

  async listen(): Promise<void> {
    const { folder, host = '127.0.0.1', httpsPort, omqPort } = this.#options;
    const started = performance.now();
    const tls = await openCertificate(folder);
    this.omqPort = await this.#omq.listen(host, omqPort);
    const version = VERSION.join('.');
    const https = await startHttpsServer({
      host,
      port: httpsPort,
      tls,
      version,
      routes: nodeRoutes({
        handler: this.#handler,
        onions: this.#onions,
        ed25519Key: this.keys.ed25519,
        version,
        random: randomBytes,
        directory: () => this.#signedDirectory(),
        nodes: () => this.#directory.current(),
      }),
      notReady: () => this.#notReady(),
      rateLimiter: this.#rateLimiters[0],
      monotonicNow,
      log: this.#log,
    });
    this.httpsPort = https.port;
    this.#closeHttps = () => https.close();
    this.#background = this.#runBackground();
    this.#log.info(
      { port: this.httpsPort, milliseconds: Math.round(performance.now() - started) },
      'The node listens.',
    );
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#owner.abort();
    // In this order, because what clients still wait for may need other nodes.
    await this.#closeHttps?.();
    await Promise.all([this.#omq.close(), this.#background]);
    await this.#store.close();
    wipeNodeKeys(this.#secrets);
    this.#log.info({}, 'The node has stopped.');
  }

  #signedDirectory(): Uint8Array | null {
    return this.#directory.accepted()?.bytes ?? null;
  }

  #notReady(): string[] {
    if (this.#owner.signal.aborted) return ['shutting down'];
    return this.#directory.current() ? [] : ['not done syncing'];
  }

  async #runBackground(): Promise<void> {
    const { signal } = this.#owner;
    const stop = this.#directory.onChange(({ epoch }) => {
      this.#omq.dropFormerNodes();
      this.#monitor.endForeign();
      this.#log.info({ epoch, swarm: this.swarm() ?? 'none' }, 'There is a new directory.');
    });
    await Promise.all([
      this.#followDirectory(signal),
      this.#deliveries.run(),
      repeat(() => this.#cleanUp(), CLEAN_UP_INTERVAL_MS, signal),
    ]);
    stop();
  }

  #followDirectory(signal: AbortSignal): Promise<void> {
    const interval = this.#options.directoryInterval ?? DIRECTORY_INTERVAL_MS;
    return followDirectory(this.#directory, {
      fetchers: () => directoryFetchers(this.#directory, this.keys.ed25519, randomBytes),
      // Nodes that started together shall not ask together.
      interval: () => interval * (0.75 + Math.random() / 2),
      retryInterval: Math.min(DIRECTORY_RETRY_MS, interval),
      signal,
      onFailure: (error) => {
        const code = error instanceof DirectoryError ? error.code : 'unknown';
        this.#log.warn({ code }, 'The directory could not be refreshed.');
      },
    });
  }

  async #cleanUp(): Promise<void> {
    for (const limiter of this.#rateLimiters) limiter.dropFullBuckets(monotonicNow());
    this.#monitor.removeExpired();
    try {
      const count = await this.#store.removeExpired(this.#now());
      if (count > 0) this.#log.debug({ count }, 'Expired messages were removed.');
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#health.failed(error);
    }
  }
}

const monotonicNow = (): number => performance.now();

function firstList(directory: DirectoryStore): Promise<void> {
  if (directory.current()) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = directory.onChange(() => {
    stop();
    resolve();
  });
  return promise;
}
