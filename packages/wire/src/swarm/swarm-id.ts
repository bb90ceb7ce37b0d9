/** The name of a swarm: an unsigned 64-bit integer, and at the same time its place on the ring (node-network §6). */
export type SwarmId = bigint;

/** The id of nodes that are in no swarm; never a swarm. */
export const NO_SWARM: SwarmId = 2n ** 64n - 1n;

/** The text form in answers to clients: lower-case hex without padding. */
export function formatSwarmId(id: SwarmId): string {
  return id.toString(16);
}
