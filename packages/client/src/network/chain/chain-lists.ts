import { agreedList, type ChainList, type ChainNetworkFile, DirectoryError, networkId } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { isContactable } from '@sotto/wire/nodes';
import { EngineError, type NetworkInfo } from '../../engine.ts';
import type { Clock } from '../../surroundings.ts';
import type { ListSource, ListUsers } from '../list-source.ts';
import type { NetworkMemory } from '../memory.ts';
import { askNode } from './ask-node.ts';
import { ChainNodes } from './chain-nodes.ts';
import { askSeeds, type SeedParts } from './seed-servers.ts';

/** If nodes agree on fewer, and there were more before, the seeds are asked first (onion-requests §3.3). */
const LEAST_NODES = 12;
/** A list that has lost more than a third of the nodes is not believed from nodes, nor from one seed of several. */
const LEAST_SHARE = 2 / 3;
/** A list that could not be renewed for so long is worth asking the seeds, ms. */
const LONGEST_AGE_MS = 24 * 3_600_000;

/** What lists of a chain are fetched with. */
export interface ChainListsParts extends SeedParts {
  readonly network: ChainNetworkFile;
  readonly memory: NetworkMemory;
  readonly clock: Clock;
}

/**
 * Lists of the nodes that a chain knows (onion-requests §3). The first one comes from the seed servers of the network file;
 * later ones through onions from three nodes at random in different networks, of which two must tell the same of each
 * node. Seeds are asked again only if that leaves too few nodes, if nobody can be reached, or after a day of failures.
 */
export class ChainLists implements ListSource {
  readonly nodes: ChainNodes;
  readonly #parts: ChainListsParts;

  /** @throws EngineError `bad-network` if the profile belongs to another network. */
  constructor(parts: ChainListsParts) {
    this.#parts = parts;
    try {
      this.nodes = new ChainNodes(parts.memory, parts.network.chain, parts.clock);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      throw new EngineError('bad-network', error.message);
    }
  }

  async refresh(users: ListUsers, signal: AbortSignal): Promise<void> {
    const agreed = await this.#agreed(users, signal);
    const isBelieved = agreed !== null && this.#isPlausible(agreed);
    if (isBelieved && this.#isEnough(agreed)) return this.nodes.take(agreed);
    if (!agreed && this.#isGood() && !users.isStranded()) {
      throw new DirectoryError('fetch', 'too few nodes told which nodes there are');
    }
    const { seeds } = this.#parts.network.chain;
    try {
      this.nodes.take(await askSeeds(seeds, (list) => this.#isPlausible(list), this.#parts, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (!isBelieved) throw error;
      this.nodes.take(agreed);
    }
  }

  info(): NetworkInfo {
    const { network } = this.#parts;
    const list = this.nodes.current();
    return {
      name: network.name,
      id: bytesToHex(networkId(network)),
      chain: { seeds: network.chain.seeds.map(({ url, unverified = false }) => ({ url, verified: !unverified })) },
      authorities: [],
      threshold: 0,
      list: list && {
        number: list.epoch,
        validFrom: list.validFrom,
        validUntil: null,
        nodes: list.nodes.length,
        expired: false,
      },
      oneSite: network.chain.oneSite,
      fileServers: (network.files ?? []).map(({ url }) => url),
      successions: [],
      history: [],
    };
  }

  async #agreed(users: ListUsers, signal: AbortSignal): Promise<ChainList | null> {
    const answers = await Promise.all(users.mirrors().map((mirror) => askNode(users, mirror, signal)));
    signal.throwIfAborted();
    return agreedList(answers.filter((answer) => answer !== null));
  }

  #isPlausible(list: ChainList): boolean {
    return contactable(list) >= contactable(this.nodes.current()) * LEAST_SHARE;
  }

  /** Small networks have fewer from the start. */
  #isEnough(list: ChainList): boolean {
    return contactable(list) >= LEAST_NODES || contactable(this.nodes.current()) < LEAST_NODES;
  }

  /** Can one go on with the list in use? */
  #isGood(): boolean {
    const list = this.nodes.current();
    return list !== null && Math.abs(this.#parts.clock.now() - list.validFrom) < LONGEST_AGE_MS;
  }
}

function contactable(list: Pick<ChainList, 'nodes'> | null): number {
  return list?.nodes.filter(isContactable).length ?? 0;
}
