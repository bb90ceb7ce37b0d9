import { bytesToHex, concatBytes } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import type { NodeRecord } from '@sotto/wire/nodes';
import { assignSwarms, NO_SWARM, type SwarmId, swarmParameters } from '@sotto/wire/swarm';
import type { NetworkParameters } from './parameters.ts';
import type { Directory } from './signed-directory.ts';

/** How long a directory is valid, in ms, if nothing else is said. */
const DIRECTORY_LIFETIME = 7 * 24 * 3_600_000;

/** What an authority knows of an admitted node: everything of its record but the swarm, which the rules decide. */
export type AdmittedNode = Omit<NodeRecord, 'swarmId'>;

/** What the next directory is made from. */
export interface Composition {
  readonly networkId: Uint8Array;
  /** The directory before, whose swarms are carried on; `null` for a network's first. */
  readonly previous: Directory | null;
  readonly nodes: readonly AdmittedNode[];
  readonly parameters: NetworkParameters;
  /** ms since 1970. */
  readonly now: number;
  /** Absent: the previous one plus one. */
  readonly epoch?: number;
}

/**
 * The next directory, not signed yet: the previous epoch plus one, valid for a week, every node in a swarm by the
 * chain's rules with this network's numbers (node-network §8, docs/protocol/directory.md §7). The same input gives the
 * same directory everywhere.
 */
export function composeDirectory(composition: Composition): Directory {
  const { networkId, previous, nodes, parameters, now } = composition;
  const epoch = composition.epoch ?? (previous?.epoch ?? 0) + 1;
  const admitted = nodes.toSorted((a, b) => Buffer.compare(a.ed25519Key, b.ed25519Key));
  const swarmOf = assignedSwarms(previous, admitted, parameters, swarmSeed(networkId, epoch));
  return {
    networkId,
    epoch,
    validFrom: now,
    validUntil: now + DIRECTORY_LIFETIME,
    nodes: admitted.map((node) => ({ ...node, swarmId: swarmOf.get(bytesToHex(node.ed25519Key)) ?? NO_SWARM })),
    parameters,
  };
}

/** The chain draws from its block hash; a network of its own draws from its id and epoch. 32 bytes. */
function swarmSeed(networkId: Uint8Array, epoch: number): Uint8Array {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(epoch));
  return blake2b(32, concatBytes(networkId, number));
}

/** The swarm of each node, by its key in hex: members that are still there stay or move by the rules, others join. */
function assignedSwarms(
  previous: Directory | null,
  admitted: readonly AdmittedNode[],
  { swarmMin, swarmIdeal, swarmMargin }: NetworkParameters,
  seed: Uint8Array,
): Map<string, SwarmId> {
  const unassigned = new Set(admitted.map(({ ed25519Key }) => bytesToHex(ed25519Key)));
  const swarms = new Map<SwarmId, string[]>();
  for (const { ed25519Key, swarmId } of previous?.nodes ?? []) {
    const key = bytesToHex(ed25519Key);
    if (swarmId === NO_SWARM || !unassigned.delete(key)) continue;
    swarms.set(swarmId, [...(swarms.get(swarmId) ?? []), key]);
  }
  const draw = new DataView(seed.buffer, seed.byteOffset).getBigUint64(0, true);
  const assigned = assignSwarms(swarms, [...unassigned], draw, swarmParameters(swarmMin, swarmIdeal, swarmMargin));
  return new Map([...assigned].flatMap(([id, members]) => members.map((key) => [key, id] as const)));
}
