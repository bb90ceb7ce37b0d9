import {
  DIRECTORY_PATH,
  DirectoryError,
  type DirectoryFetcher,
  DirectoryStore,
  directoryDigest,
  type NetworkFile,
  refreshFromMirrors,
  type StateStorage,
} from '@sotto/directory';
import type { Random } from '@sotto/wire/bytes';
import { buildDirectory, parseAnswer } from '@sotto/wire/rpc';
import { EngineError, type NetworkInfo } from '../engine.ts';
import { type Clock, shuffled } from '../surroundings.ts';
import type { ListSource, ListUsers } from './list-source.ts';
import type { NetworkMemory } from './memory.ts';
import { networkInfo } from './network-info.ts';
import type { Relay } from './relay.ts';
import type { Timings } from './timings.ts';
import type { Transport } from './transport.ts';

/** Where the directory is kept. */
export const DIRECTORY_MEMORY = 'directory';

/** What directories are fetched with. */
export interface DirectoryListsParts {
  readonly network: NetworkFile;
  readonly memory: NetworkMemory;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly timings: Timings;
}

/**
 * Lists from signed directories. The first one comes from the seeds and authorities of the network file; later ones
 * over our paths from nodes at random, who do not see who asks, or else from our own guards, who know our address anyway.
 * Seeds and authorities are asked again only if the directory is of no use any more. Every directory is verified, saved,
 * and never replaced by an older one.
 */
export class DirectoryLists implements ListSource {
  readonly nodes: DirectoryStore;
  readonly #parts: DirectoryListsParts;

  private constructor(parts: DirectoryListsParts, store: DirectoryStore) {
    this.#parts = parts;
    this.nodes = store;
  }

  /** @throws EngineError `bad-network` if the profile belongs to another network. */
  static async open(parts: DirectoryListsParts): Promise<DirectoryLists> {
    const options = { networkFile: parts.network, storage: storageIn(parts.memory), now: () => parts.clock.now() };
    try {
      return new DirectoryLists(parts, await DirectoryStore.open(options));
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      throw new EngineError('bad-network', error.message);
    }
  }

  info(): NetworkInfo {
    return networkInfo(this.nodes);
  }

  /** Mirrors check each other; whoever sees our address is asked only if none of them has an acceptable directory. */
  async refresh(users: ListUsers, signal: AbortSignal): Promise<void> {
    const mirrors = users.mirrors().map((mirror) => this.#mirrorFetcher(users, mirror));
    await refreshFromMirrors(this.nodes, mirrors, () => this.#directFetchers(users), signal);
  }

  #directFetchers(users: ListUsers): DirectoryFetcher[] {
    const { network, random } = this.#parts;
    const guards = users.guards().map(({ address }) => `https://${address}`);
    const isUseful = this.nodes.current() !== null && !users.isStranded();
    const authorities = this.nodes.deciding().authorities.flatMap(({ urls }) => urls);
    const beginning = isUseful ? [] : [...shuffled(network.seeds, random), ...shuffled(authorities, random)];
    const direct = [...new Set([...shuffled(guards, random), ...beginning])];
    return direct.map((origin) => this.#directFetcher(origin));
  }

  /** Asks for another directory than ours; nothing of the answer is verified yet. */
  #mirrorFetcher(users: ListUsers, mirror: Relay): DirectoryFetcher {
    return async (_etag, signal) => {
      const accepted = this.nodes.accepted();
      const request = buildDirectory(accepted && directoryDigest(accepted.bytes));
      const { status, body } = await users.askMirror(mirror, request, signal);
      const answer = parseAnswer('directory', { code: status, body });
      if (answer.kind !== 'done') throw new DirectoryError('fetch', `a source answered ${status}`);
      if (answer.reply === null && !accepted) throw new DirectoryError('fetch', 'a source answered nothing');
      return answer.reply;
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
    load: () => Promise.resolve(memory.read(DIRECTORY_MEMORY)),
    save: (bytes) => {
      try {
        memory.write(DIRECTORY_MEMORY, bytes);
        return Promise.resolve();
      } catch (cause) {
        return Promise.reject(new DirectoryError('storage', 'the directory could not be saved', { cause }));
      }
    },
  };
}
