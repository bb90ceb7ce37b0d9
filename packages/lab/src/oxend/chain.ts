import { hexToBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import { deriveNodeKeys, type NodeKeys } from '@sotto/wire/nodes';
import { assignSwarms, NO_SWARM, type SwarmId, type SwarmParameters } from '@sotto/wire/swarm';

/** What an uptime proof tells of a node's storage server. */
interface Proof {
  readonly ip: string;
  readonly httpsPort: number;
  readonly omqPort: number;
  readonly version: readonly number[];
}

/** A node that the chain knows. */
export interface ChainNode {
  readonly keys: NodeKeys;
  /** `gone`: not registered yet, or no longer. */
  status: 'active' | 'decommissioned' | 'gone';
  swarmId: SwarmId;
  /** What its own storage server said last, and what the others have heard of it. */
  current: Proof | null;
  published: Proof | null;
}

/** Everything that a chain is, as JSON; what is on the disk of an oxend. */
export interface SavedChain {
  readonly height: number;
  readonly hardFork: readonly [number, number];
  readonly names: Readonly<Record<string, NameRecord>>;
  readonly nodes: readonly {
    readonly seed: string;
    readonly status: ChainNode['status'];
    readonly swarmId: string;
    readonly current: Proof | null;
    readonly published: Proof | null;
  }[];
}

/** A registered name as `ons_resolve` tells it, in hex. */
export interface NameRecord {
  readonly encrypted_value: string;
  readonly nonce?: string;
}

/** A chain that mines when it is told to: nodes, their status, and the swarms that follow from them (node-network §8). */
export class Chain {
  height: number;
  hardFork: readonly [number, number];
  names: Record<string, NameRecord>;
  readonly nodes: ChainNode[];
  readonly #seeds: string[];
  readonly #parameters: SwarmParameters;

  constructor(saved: SavedChain, parameters: SwarmParameters) {
    this.height = saved.height;
    this.hardFork = saved.hardFork;
    this.names = { ...saved.names };
    this.#parameters = parameters;
    this.#seeds = saved.nodes.map(({ seed }) => seed);
    this.nodes = saved.nodes.map(({ seed, swarmId, ...rest }) => ({
      ...rest,
      keys: deriveNodeKeys(hexToBytes(seed)),
      swarmId: BigInt(swarmId),
    }));
  }

  /** A chain before its first block, whose nodes have these seeds (64 hex digits each). */
  static begin(seeds: readonly string[]): SavedChain {
    const node = { status: 'active', swarmId: String(NO_SWARM), current: null, published: null } as const;
    return { height: 0, hardFork: [19, 6], names: {}, nodes: seeds.map((seed) => ({ seed, ...node })) };
  }

  /** The hash of the top block, 32 bytes. */
  get hash(): Uint8Array {
    return blake2b(32, utf8ToBytes(`block ${this.height} of a stand-in`));
  }

  /** The next block: proofs are heard of by everybody, and swarms follow membership. */
  mine(): void {
    this.height++;
    for (const node of this.nodes) {
      node.published = node.current ?? node.published;
      if (node.status !== 'active') node.swarmId = NO_SWARM;
    }
    const active = this.nodes
      .filter(({ status }) => status === 'active')
      .sort((a, b) => Buffer.compare(a.keys.legacy.publicKey, b.keys.legacy.publicKey));
    const placed = active.filter(({ swarmId }) => swarmId !== NO_SWARM);
    const swarms = Map.groupBy(placed, ({ swarmId }) => swarmId);
    const unassigned = active.filter(({ swarmId }) => swarmId === NO_SWARM);
    if (active.length === 0) return;
    const seed = Buffer.from(this.hash).readBigUInt64LE();
    for (const [id, members] of assignSwarms(swarms, unassigned, seed, this.#parameters)) {
      for (const node of members) node.swarmId = id;
    }
  }

  save(): SavedChain {
    return {
      height: this.height,
      hardFork: this.hardFork,
      names: this.names,
      nodes: this.nodes.map(({ status, swarmId, current, published }, index) => ({
        seed: this.#seeds[index]!,
        status,
        swarmId: String(swarmId),
        current,
        published,
      })),
    };
  }
}
