import type { NodeList } from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { NO_SWARM, type SwarmId } from '@sotto/wire/swarm';
import type { SwarmSnapshot } from './swarm-snapshot.ts';

/**
 * Who must be given stored messages when the list changes (node-network §7.1): members that joined our swarm, members
 * of new swarms, and, if our swarm was dissolved, the swarms that now keep what we stored. Who moves away leaves that to
 * those who stay, if there are any.
 */
export function nodesToSupply(
  before: SwarmSnapshot,
  after: NodeList,
  ownKey: Uint8Array,
  swarmsOfStored: () => ReadonlySet<SwarmId>,
): NodeRecord[] {
  const oldSwarm = before.own;
  if (oldSwarm === NO_SWARM) return [];
  const dissolved = after.swarm(oldSwarm).length === 0;
  const movedAway = after.node(ownKey)?.swarmId !== oldSwarm;
  const somebodyStays = after.swarm(oldSwarm).some((node) => before.members.has(bytesToHex(node.ed25519Key)));
  if (dissolved) return membersOf(after, [...swarmsOfStored()], ownKey);
  if (movedAway && somebodyStays) return [];
  const newSwarms = after.swarmIds.filter((id) => !before.swarms.has(id));
  const joined = after.swarm(oldSwarm).filter((node) => !before.members.has(bytesToHex(node.ed25519Key)));
  return [...joined, ...membersOf(after, newSwarms, ownKey)];
}

/** The members of these swarms, without ourselves. */
export function membersOf(list: NodeList, swarms: readonly SwarmId[], ownKey: Uint8Array): NodeRecord[] {
  return swarms.flatMap((id) => list.swarm(id).filter((node) => !equalBytes(node.ed25519Key, ownKey)));
}
