import type { NodeSource } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeKeys } from '@sotto/wire/nodes';
import { SYNC_FEATURE, WAIT_FEATURE } from '@sotto/wire/rpc';
import { formatSwarmId } from '@sotto/wire/swarm';
import { answerEnvelope, onionAnswer } from './handler/envelope.ts';
import { StorageHandler } from './handler/handler.ts';
import { nodeRoutes } from './https/routes.ts';
import { startHttpsServer } from './https/server.ts';
import { wipeNodeKeys } from './keys/node-keys.ts';
import { createLog, type Log } from './log.ts';
import { joinNetwork } from './membership/join-network.ts';
import type { Membership } from './membership/membership.ts';
import type { MetricsServer } from './metrics/metrics-server.ts';
import { Monitor } from './monitor/monitor.ts';
import { LIST_LIMITS, ONION_LIMITS, RateLimiter } from './net/rate-limiter.ts';
import { makeFolder, openCertificate, openStore, storeProblem } from './node-folder.ts';
import type { NodeOptions, RunningNode } from './node-options.ts';
import { storageCommands } from './omq/commands.ts';
import { OmqEndpoint } from './omq/omq-endpoint.ts';
import { OmqPeers } from './omq/omq-peers.ts';
import { OnionRouter } from './onion/onion-router.ts';
import { ServerExit } from './onion/server-exit.ts';
import { randomBytes } from './random.ts';
import { Reachability } from './reachability/reachability.ts';
import { NodeStatistics, type NodeStats } from './stats/node-stats.ts';
import { PeerFailures } from './stats/peer-failures.ts';
import { RequestCounts } from './stats/request-counts.ts';
import { serveControl } from './status/control-socket.ts';
import { diskFree, type NodeStatus, ProcessWatch } from './status/node-status.ts';
import { ClockWatch } from './store/clock-watch.ts';
import { type MessageStore, StoreFailure } from './store/message-store.ts';
import { StoreHealth } from './store/store-health.ts';
import { Deliveries } from './swarm/deliveries.ts';
import { NodeIndex } from './swarm/node-index.ts';
import { PeerFeatures } from './swarm/peer-features.ts';
import { receiveData } from './swarm/received-data.ts';
import { SwarmView } from './swarm/swarm-view.ts';
import { Synchroniser } from './swarm/synchroniser.ts';
import { repeat } from './timers.ts';
import { WaitingRoom } from './waiting/waiting-room.ts';

const VERSION = [2, 11, 3] as const;
const TEST_INTERVAL_MS = 10_000;
const CLEAN_UP_INTERVAL_MS = 10_000;
const DELIVERY_INTERVAL_MS = 5_000;
const SYNC_INTERVAL_MS = 30_000;

/**
 * Starts a storage node; resolves when it listens on both ports. It may not know the directory yet: see `ready`.
 * @throws NodeError with one sentence that says what to do.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  makeFolder(options.folder);
  const log = options.log ?? createLog(options.logLevel ?? 'info');
  const { keys, membership } = await joinNetwork(options, VERSION, log);
  const store = openStore(options);
  let node: Node | undefined;
  try {
    node = new Node(options, keys, log, membership, store);
    await node.listen();
    return node;
  } catch (error) {
    await (node ?? store).close();
    throw storeProblem(error, options.folder);
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
  readonly #membership: Membership;
  readonly #store: MessageStore;
  readonly #swarms: SwarmView;
  readonly #omq: OmqEndpoint;
  readonly #onions: OnionRouter;
  readonly #handler: StorageHandler;
  readonly #deliveries: Deliveries;
  readonly #synchroniser: Synchroniser;
  readonly #monitor: Monitor;
  readonly #reachability: Reachability;
  readonly #counts = new RequestCounts(monotonicNow());
  readonly #failures: PeerFailures;
  readonly #statistics: NodeStatistics;
  readonly #waiting: WaitingRoom;
  readonly #rateLimiters:
    | {
        readonly rpc: RateLimiter;
        readonly omq: RateLimiter;
        readonly onions: RateLimiter;
        readonly lists: RateLimiter;
      }
    | undefined;
  readonly #health: StoreHealth;
  readonly #clock = new ClockWatch();
  readonly #process = new ProcessWatch();
  readonly #owner = new AbortController();
  readonly #now: () => number;
  #closeHttps: (() => Promise<void>) | undefined;
  #closeQuic: (() => Promise<void>) | undefined;
  #closeControl: (() => Promise<void>) | undefined;
  #metrics: MetricsServer | undefined;
  #background: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(options: NodeOptions, secrets: NodeKeys, log: Log, membership: Membership, store: MessageStore) {
    const { source } = membership;
    const ed25519Key = secrets.ed25519.publicKey;
    const { signal } = this.#owner;
    this.#options = options;
    this.#secrets = secrets;
    this.#log = log;
    this.#membership = membership;
    this.#store = store;
    this.#now = options.now ?? Date.now;
    this.keys = { ed25519: ed25519Key, x25519: secrets.x25519.publicKey };
    this.ready = firstList(source);
    this.#swarms = new SwarmView(source, ed25519Key);
    this.#health = new StoreHealth(log, monotonicNow);
    const omqPeers = new OmqPeers(source);
    this.#failures = new PeerFailures(omqPeers);
    const peers = this.#failures;
    this.#reachability = new Reachability({
      membership,
      ownKey: ed25519Key,
      peers: omqPeers,
      version: VERSION.join('.'),
      quic: options.quic,
      interval: options.testInterval ?? TEST_INTERVAL_MS,
      now: this.#now,
      monotonicNow,
      log,
    });
    this.#statistics = new NodeStatistics({
      version: VERSION,
      membership,
      counts: this.#counts,
      failures: this.#failures,
      book: this.#reachability.book,
      incoming: this.#reachability.incoming,
      store,
      monotonicNow,
    });
    this.#synchroniser = new Synchroniser({
      store: store.sync,
      source,
      swarms: this.#swarms,
      peers,
      features: new PeerFeatures(peers, monotonicNow),
      log,
      signal,
      now: this.#now,
      interval: options.syncInterval ?? SYNC_INTERVAL_MS,
      onReceived: (message) => this.#waiting.arrived(message),
    });
    this.#deliveries = new Deliveries({
      store,
      source,
      peers,
      ownKey: ed25519Key,
      version: VERSION,
      log,
      signal,
      now: this.#now,
      interval: options.deliveryInterval ?? DELIVERY_INTERVAL_MS,
      synchroniser: this.#synchroniser,
    });
    this.#monitor = new Monitor(this.#swarms, this.#now);
    this.#waiting = new WaitingRoom(options.maxWaiting);
    this.#handler = new StorageHandler({
      store,
      swarms: this.#swarms,
      peers,
      waiting: this.#waiting,
      ed25519Key,
      secretKey: secrets.ed25519.secretKey,
      identity: {
        version: VERSION,
        hardFork: () => membership.hardFork(),
        features: this.#features(),
        height: () => membership.height(),
      },
      directory: () => membership.signedDirectory(),
      askChain: (endpoint, params) => membership.ask(endpoint, params),
      now: this.#now,
      onStoreFailure: (failure) => this.#health.failed(failure),
      onStored: (message) => {
        this.#monitor.stored(message);
        this.#waiting.arrived(message);
      },
      onRequest: (method) => {
        if (method === 'store' || method === 'retrieve') this.#counts.add(method);
      },
      onMissed: (peer, request, params) => this.#deliveries.missed(peer, request, params),
      onUnexpected: () => log.error({ code: 'handler' }, 'A request failed unexpectedly.'),
    });
    this.#onions = new OnionRouter({
      ed25519Key,
      x25519: secrets.x25519,
      isReady: () => this.#notReady().length === 0,
      node: (key) => source.current()?.node(key),
      peers,
      onOnion: () => this.#counts.add('onion'),
      onExit: () => this.#counts.add('proxy'),
      exit: new ServerExit({
        version: VERSION.join('.'),
        allowPrivateAddresses: () => options.allowPrivateAddresses ?? options.networkFile?.parameters.oneSite ?? false,
        signal,
      }),
      answer: async (body, caller) => onionAnswer(await answerEnvelope(this.#handler, body, caller)),
      random: randomBytes,
    });
    // HTTPS and OxenMQ count separately (storage-rpc §2.7).
    this.#rateLimiters =
      options.rateLimit === false
        ? undefined
        : {
            rpc: new RateLimiter(),
            omq: new RateLimiter(),
            onions: new RateLimiter(ONION_LIMITS),
            lists: new RateLimiter(LIST_LIMITS),
          };
    const index = new NodeIndex(source);
    const statsKeys = new Set(options.statsKeys?.map((key) => key.toLowerCase()));
    this.#omq = new OmqEndpoint({
      keys: secrets.x25519,
      categories: storageCommands({
        handler: this.#handler,
        onions: this.#onions,
        monitor: this.#monitor,
        version: VERSION,
        onPing: () => this.#reachability.tested('omq'),
        stats: async () => JSON.stringify(await this.stats()),
        receiveData: (parts) =>
          receiveData(
            parts,
            store,
            (failure) => this.#health.failed(failure),
            (message) => this.#waiting.arrived(message),
          ),
        dataReady: (key, wantsEverything) => {
          const node = index.node(key);
          if (!node || node.swarmId !== this.#swarms.own()?.id) return 'Swarm mismatch';
          if (wantsEverything) void this.#deliveries.askedForEverything(node);
          return null;
        },
        sync: (what, key, data) => this.#synchroniser.answer(what, index.node(key), data),
        rateLimiter: this.#rateLimiters?.omq,
        monotonicNow,
      }),
      // Asked for every command.
      ...(statsKeys.size > 0 && { level: (key) => (statsKeys.has(bytesToHex(key)) ? 'admin' : 'none') }),
      isServiceNode: (key) => index.node(key) !== undefined,
      addressOf: (key) => {
        const node = index.node(key);
        return node ? omqPeers.addressOf(node) : null;
      },
      random: randomBytes,
      monotonicNow,
      log,
    });
    omqPeers.use(this.#omq);
  }

  get metricsPort(): number | null {
    return this.#metrics?.port ?? null;
  }

  swarm(): string | null {
    const own = this.#swarms.own();
    return own && formatSwarmId(own.id);
  }

  stats(): Promise<NodeStats> {
    return this.#statistics.report();
  }

  async status(): Promise<NodeStatus> {
    return {
      ed25519: bytesToHex(this.keys.ed25519),
      x25519: bytesToHex(this.keys.x25519),
      httpsPort: this.httpsPort,
      omqPort: this.omqPort,
      notReady: this.#notReady(),
      swarm: this.swarm(),
      swarmPeers: this.#swarms.peers().length,
      nodes: this.#swarms.list()?.nodes.length ?? 0,
      features: this.#features(),
      waiting: this.#waiting.size,
      storeFailures: this.#health.failures(),
      stats: await this.stats().catch((error: unknown) => {
        if (!(error instanceof StoreFailure)) throw error;
        this.#health.failed(error);
        return null;
      }),
      diskFree: diskFree(this.#options.folder),
      process: this.#process.status(),
    };
  }

  async listen(): Promise<void> {
    const { folder, host = '127.0.0.1', httpsPort, omqPort, control, metricsPort } = this.#options;
    const started = performance.now();
    const tls = await openCertificate(folder);
    this.omqPort = await this.#omq.listen(host, omqPort);
    this.#closeQuic = await this.#reachability.serveQuic(host, this.omqPort, this.#secrets.ed25519);
    const version = VERSION.join('.');
    const https = await startHttpsServer({
      host,
      port: httpsPort,
      tls,
      version,
      routes: nodeRoutes({
        handler: this.#handler,
        onions: this.#onions,
        legacyKey: this.#secrets.legacy.publicKey,
        onPing: () => this.#reachability.tested('https'),
        version,
        random: randomBytes,
        rateLimiters: this.#rateLimiters,
        directory: () => this.#membership.signedDirectory(),
        nodes: () => this.#membership.source.current(),
      }),
      notReady: () => this.#notReady(),
      monotonicNow,
      log: this.#log,
    });
    this.httpsPort = https.port;
    this.#closeHttps = () => https.close();
    if (control) this.#closeControl = await serveControl(folder, () => this.status(), this.#log);
    if (metricsPort !== undefined) {
      // Loaded only here: few nodes of a network on one machine serve metrics.
      const { serveMetrics } = await import('./metrics/metrics-server.ts');
      this.#metrics = await serveMetrics(metricsPort, () => this.status());
    }
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
    this.#waiting.close();
    // In this order, because what clients still wait for may need other nodes.
    await Promise.all([this.#closeHttps?.(), this.#onions.close()]);
    await Promise.all([this.#omq.close(), this.#closeQuic?.(), this.#background]);
    await Promise.all([this.#closeControl?.(), this.#metrics?.close()]);
    this.#process.close();
    await this.#store.close();
    wipeNodeKeys(this.#secrets);
    this.#log.info({}, 'The node has stopped.');
  }

  #features(): string[] {
    return this.#waiting.isUsed ? [WAIT_FEATURE, SYNC_FEATURE] : [SYNC_FEATURE];
  }

  #notReady(): string[] {
    if (this.#owner.signal.aborted) return ['shutting down'];
    return [...this.#membership.notReady()];
  }

  async #runBackground(): Promise<void> {
    const { signal } = this.#owner;
    const stop = this.#membership.source.onChange(({ epoch, nodes }) => {
      this.#failures.keep(nodes);
      this.#omq.dropFormerNodes();
      this.#monitor.endForeign();
      this.#log.info({ epoch, swarm: this.swarm() ?? 'none' }, 'There is a new list of nodes.');
    });
    await Promise.all([
      this.#membership.run({ httpsPort: this.httpsPort, omqPort: this.omqPort }, signal),
      this.#deliveries.run(),
      this.#synchroniser.run(),
      this.#reachability.run(signal),
      repeat(() => this.#cleanUp(), CLEAN_UP_INTERVAL_MS, signal),
    ]);
    stop();
  }

  async #cleanUp(): Promise<void> {
    for (const limiter of Object.values(this.#rateLimiters ?? {})) limiter.dropFullBuckets(monotonicNow());
    this.#monitor.removeExpired();
    this.#counts.turn(monotonicNow());
    const now = this.#now();
    if (!this.#clock.isTrusted(now, monotonicNow())) return;
    try {
      const count = await this.#store.removeExpired(now);
      if (count > 0) this.#log.debug({ count }, 'Expired messages were removed.');
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#health.failed(error);
    }
  }
}

const monotonicNow = (): number => performance.now();

function firstList(source: NodeSource): Promise<void> {
  if (source.current()) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = source.onChange(() => {
    stop();
    resolve();
  });
  return promise;
}
