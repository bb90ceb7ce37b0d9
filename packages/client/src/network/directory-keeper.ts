import {
  crossCheckDirectory,
  DIRECTORY_PATH,
  DirectoryError,
  type DirectoryFetcher,
  DirectoryStore,
  directoryDigest,
  type NetworkFile,
  refreshDirectory,
  type StateStorage,
} from '@sotto/directory';
import type { Random } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import { type Clock, jittered, type Logger, shuffled } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { NetworkMemory } from './memory.ts';
import type { Relay } from './relay.ts';
import type { Timings } from './timings.ts';
import type { Transport } from './transport.ts';

const MEMORY_NAME = 'directory';
const JITTER = 0.2;
/** After a refresh that went well nobody can hurry us for this long: a node that lies about swarms might try. */
const HURRY_REST_MS = 30_000;

/** What the directory is kept with. */
export interface DirectoryKeeperParts {
  readonly network: NetworkFile;
  readonly memory: NetworkMemory;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly timings: Timings;
}

/** What the keeper must know, and use, of the routes that stand on its directory. */
export interface DirectoryUsers {
  /** Nodes at random to ask for the next directory over a path; none while no path stands. */
  mirrors(): readonly Relay[];
  /**
   * Asks a mirror over a path. `known` is the digest of the directory that we have, 64 hex digits; gives the signed bytes of
   * another one, not verified, or `null` if the mirror has none. Rejects for whatever is no such answer.
   */
  askMirror(mirror: Relay, known: string | null, signal: AbortSignal): Promise<Uint8Array | null>;
  /** Whom to ask without a path. */
  guards(): readonly Relay[];
  /** Does nobody answer whom the directory lists, although this machine has a network? */
  isStranded(): boolean;
  /** Called after every attempt. */
  onAttempt(): void;
}

/**
 * Keeps the signed directory fresh. The first one comes from the seeds and authorities of the network file; later ones
 * over our paths from nodes at random, who do not see who asks, or else from our own guards, who know our address anyway.
 * Seeds and authorities are asked again only if the directory is of no use any more. Every directory is verified, saved,
 * and never replaced by an older one.
 */
export class DirectoryKeeper {
  readonly #parts: DirectoryKeeperParts;
  readonly #wakeUp = new WakeUp();
  readonly store: DirectoryStore;
  #failed = false;
  /** Does the first refresh of this run wait for a path? */
  #awaitsPath = false;

  private constructor(parts: DirectoryKeeperParts, store: DirectoryStore) {
    this.#parts = parts;
    this.store = store;
  }

  /** @throws EngineError `bad-network` if the profile belongs to another network. */
  static async open(parts: DirectoryKeeperParts): Promise<DirectoryKeeper> {
    const options = { networkFile: parts.network, storage: storageIn(parts.memory), now: () => parts.clock.now() };
    try {
      return new DirectoryKeeper(parts, await DirectoryStore.open(options));
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      throw new EngineError('bad-network', error.message);
    }
  }

  /** Did the last attempt to fetch a directory fail? */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** Asks for a new directory soon: something shows that ours is old. */
  hurry(): void {
    this.#wakeUp.call();
  }

  /** A path stands: what waited for one need wait no longer. */
  connected(): void {
    if (this.#awaitsPath) this.#wakeUp.call();
  }

  /** Refreshes until the signal aborts. */
  async run(users: DirectoryUsers, signal: AbortSignal): Promise<void> {
    const { clock, random, timings, log } = this.#parts;
    let failures = 0;
    if (this.store.current()) await this.#awaitPath(signal);
    while (!signal.aborted) {
      let pause = timings.refresh;
      let rest = HURRY_REST_MS;
      try {
        await this.#refresh(users, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        log.info({ code: (error as DirectoryError).code }, 'could not refresh the directory');
        pause = Math.min(timings.firstPause * 2 ** Math.min(failures++, 20), timings.longestPause);
        rest = timings.firstPause;
      }
      this.#failed = failures > 0;
      users.onAttempt();
      await clock.sleep(Math.min(rest, pause), signal);
      await this.#wakeUp.sleep(jittered(pause, JITTER, random), clock, signal);
    }
  }

  /** Nobody need know that we look for a new list, if there soon is a path or somebody hurries us. */
  async #awaitPath(signal: AbortSignal): Promise<void> {
    const { clock, timings } = this.#parts;
    this.#awaitsPath = true;
    await this.#wakeUp.sleep(timings.longestPause, clock, signal);
    this.#awaitsPath = false;
  }

  /** Mirrors check each other; whoever sees our address is asked only if none of them has an acceptable directory. */
  async #refresh(users: DirectoryUsers, signal: AbortSignal): Promise<void> {
    const mirrors = users.mirrors().map((mirror) => this.#mirrorFetcher(users, mirror));
    try {
      if (mirrors.length > 0) return void (await crossCheckDirectory(this.store, mirrors, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DirectoryError && error.code === 'storage') throw error;
    }
    await refreshDirectory(this.store, this.#directFetchers(users), signal);
  }

  #directFetchers(users: DirectoryUsers): DirectoryFetcher[] {
    const { network, random } = this.#parts;
    const guards = users.guards().map(({ address }) => `https://${address}`);
    const isUseful = this.store.current() !== null && !users.isStranded();
    const authorities = this.store.deciding().authorities.flatMap(({ urls }) => urls);
    const beginning = isUseful ? [] : [...shuffled(network.seeds, random), ...shuffled(authorities, random)];
    const direct = [...new Set([...shuffled(guards, random), ...beginning])];
    return direct.map((origin) => this.#directFetcher(origin));
  }

  #mirrorFetcher(users: DirectoryUsers, mirror: Relay): DirectoryFetcher {
    return async (_etag, signal) => {
      const accepted = this.store.accepted();
      const bytes = await users.askMirror(mirror, accepted && directoryDigest(accepted.bytes), signal);
      if (bytes === null && !accepted) throw new DirectoryError('fetch', 'a source answered nothing');
      return bytes;
    };
  }

  #directFetcher(origin: string): DirectoryFetcher {
    const { transport, timings } = this.#parts;
    return async (etag, signal) => {
      const headers = etag === null ? {} : { 'If-None-Match': etag };
      const answer = await transport.get(`${origin}${DIRECTORY_PATH}`, headers, { signal, timeoutMs: timings.fetch });
      if (answer.status === 304 && etag !== null) return null;
      if (answer.status !== 200) throw new DirectoryError('fetch', `a source answered ${answer.status}`);
      return answer.body;
    };
  }
}

/** Keeps the directory's state where the rest is kept. */
function storageIn(memory: NetworkMemory): StateStorage {
  return {
    load: () => Promise.resolve(memory.read(MEMORY_NAME)),
    save: (bytes) => {
      try {
        memory.write(MEMORY_NAME, bytes);
        return Promise.resolve();
      } catch (cause) {
        return Promise.reject(new DirectoryError('storage', 'the directory could not be saved', { cause }));
      }
    },
  };
}
