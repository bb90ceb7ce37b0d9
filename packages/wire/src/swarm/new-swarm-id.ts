import { NO_SWARM, type SwarmId } from './swarm-id.ts';

/**
 * The id of one more swarm: the middle of the largest gap between neighbours on the ring, the first one if several
 * are equally large; 0 if there is no swarm yet (node-network §8). `ids` must ascend.
 */
export function newSwarmId(ids: readonly SwarmId[]): SwarmId {
  if (ids.length === 0) return 0n;
  let left = 0n;
  let largest = -1n;
  ids.forEach((id, index) => {
    // The ring of ids has 2⁶⁴−1 places, since the largest value is no id.
    const right = ids[index + 1] ?? ids[0]! + NO_SWARM;
    if (right - id > largest) {
      largest = right - id;
      left = id;
    }
  });
  return (left + largest / 2n) % NO_SWARM;
}
