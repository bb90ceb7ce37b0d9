import { bytesToHex } from '@sotto/wire/bytes';
import { type NodeRecord, nodeX25519Key } from '@sotto/wire/nodes';
import { NO_SWARM, type SwarmId } from '@sotto/wire/swarm';
import type { VerifiedDirectory } from './acceptance.ts';
import type { NetworkParameters } from './parameters.ts';

/** Where nodes and clients learn which nodes there are; a signed directory now, other sources may follow. */
export interface NodeSource {
  /** The nodes known now; `null` before the first list, and once the last one ended more than 30 days ago. */
  current(): NodeList | null;
  /** Has the current list ended (by less than 30 days)? It is still used, and the person should be warned. */
  isExpired(): boolean;
  /** Calls `listener` whenever another list is taken; gives the function that stops this. Listeners must not throw. */
  onChange(listener: (list: NodeList) => void): () => void;
}

/** What a list is made of; a signed directory has it all. */
export interface NodeListParts
  extends Pick<VerifiedDirectory, 'epoch' | 'digest' | 'validFrom' | 'validUntil' | 'parameters' | 'nodes'> {
  /** Hard fork of the chain and its revision; absent: one that switches on everything stock clients and nodes have. */
  readonly hardFork?: readonly [number, number];
}

const NEWEST_HARD_FORK = [19, 6] as const;

/** The nodes of one directory, or of one block of a chain, with the ways of looking them up that its users need. Never changes. */
export class NodeList {
  /** Grows with every list of the network. */
  readonly epoch: number;
  /** 32 bytes that name this list. */
  readonly digest: Uint8Array;
  /** ms since 1970. */
  readonly validFrom: number;
  /** ms since 1970. */
  readonly validUntil: number;
  readonly parameters: NetworkParameters;
  /** Hard fork and its revision, `hf` of answers. */
  readonly hardFork: readonly [number, number];
  /** Ascending by Ed25519 key, those without a swarm included. */
  readonly nodes: readonly NodeRecord[];
  /** Ids of all swarms that have a node, ascending. */
  readonly swarmIds: readonly SwarmId[];

  readonly #byKey: ReadonlyMap<string, NodeRecord>;
  readonly #bySwarm: ReadonlyMap<SwarmId, readonly NodeRecord[]>;
  readonly #x25519Keys = new Map<NodeRecord, Uint8Array | null>();

  constructor(directory: NodeListParts) {
    this.epoch = directory.epoch;
    this.digest = directory.digest;
    this.validFrom = directory.validFrom;
    this.validUntil = directory.validUntil;
    this.parameters = directory.parameters;
    this.nodes = directory.nodes;
    this.hardFork = directory.hardFork ?? NEWEST_HARD_FORK;
    this.#byKey = new Map(this.nodes.map((node) => [bytesToHex(node.ed25519Key), node]));
    this.#bySwarm = Map.groupBy(
      this.nodes.filter(({ swarmId }) => swarmId !== NO_SWARM),
      ({ swarmId }) => swarmId,
    );
    this.swarmIds = [...this.#bySwarm.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  /** The node with this Ed25519 key (32 bytes). */
  node(ed25519Key: Uint8Array): NodeRecord | undefined {
    return this.#byKey.get(bytesToHex(ed25519Key));
  }

  /** The members of a swarm; none for an unknown id. */
  swarm(id: SwarmId): readonly NodeRecord[] {
    return this.#bySwarm.get(id) ?? [];
  }

  /**
   * The X25519 key of a node of this list, converted on first use and kept, since a conversion costs as much as a
   * signature. `null` if the node's key does not convert; such a node cannot be spoken to.
   */
  x25519Key(node: NodeRecord): Uint8Array | null {
    let key = this.#x25519Keys.get(node);
    if (key === undefined) {
      key = nodeX25519Key(node);
      this.#x25519Keys.set(node, key);
    }
    return key;
  }
}
