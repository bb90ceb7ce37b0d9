import type { NodeList } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { formatSwarmId, NO_SWARM, type SwarmId } from '@sotto/wire/swarm';

/** What of a list of nodes decides who has to be given messages when the next list comes. */
export interface SwarmSnapshot {
  /** Our own swarm, or {@link NO_SWARM}. */
  readonly own: SwarmId;
  readonly swarms: ReadonlySet<SwarmId>;
  /** Ed25519 keys of the members of our swarm, hex. */
  readonly members: ReadonlySet<string>;
}

/** (node-network §7.1) */
export function snapshotOf(list: NodeList, ownKey: Uint8Array): SwarmSnapshot {
  const own = list.node(ownKey)?.swarmId ?? NO_SWARM;
  const members = new Set(list.swarm(own).map(({ ed25519Key }) => bytesToHex(ed25519Key)));
  return { own, swarms: new Set(list.swarmIds), members };
}

/** One line, the same for equal snapshots. */
export function snapshotText({ own, swarms, members }: SwarmSnapshot): string {
  return JSON.stringify([formatSwarmId(own), [...swarms].map(formatSwarmId), [...members].sort()]);
}

/** Reads what {@link snapshotText} wrote. */
export function parseSnapshot(text: string): SwarmSnapshot {
  const [own, swarms, members] = JSON.parse(text) as [string, string[], string[]];
  return { own: swarmId(own), swarms: new Set(swarms.map(swarmId)), members: new Set(members) };
}

function swarmId(hex: string): SwarmId {
  return BigInt(`0x${hex}`);
}
