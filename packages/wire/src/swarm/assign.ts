import { MersenneTwister } from './mersenne-twister.ts';
import { newSwarmId } from './new-swarm-id.ts';
import type { SwarmId } from './swarm-id.ts';

/** How many nodes swarms shall have. */
export interface SwarmParameters {
  /** A swarm with fewer members takes some from others or, if they cannot spare any, is dissolved. */
  readonly minimum: number;
  /** A new swarm is made with this many members. */
  readonly newSwarmSize: number;
  /** Members beyond this number are a swarm's excess, from which new swarms are made. */
  readonly excessBase: number;
  /** A new swarm needs an excess of `newSwarmSize` plus this much for each swarm there is. */
  readonly margin: number;
  /** How far up the list of swarms, by ascending size, a new node may be placed, in percent. */
  readonly fillPercentile: number;
  /** Only swarms as large as the one at this place of the list, nearly, have members taken, in percent. */
  readonly stealPercentile: number;
  /** As `fillPercentile`, for members of a dissolved swarm. */
  readonly dissolvePercentile: number;
}

/** What the chain uses (node-network §8). */
export const CHAIN_SWARM_PARAMETERS: SwarmParameters = {
  minimum: 5,
  newSwarmSize: 7,
  excessBase: 5,
  margin: 2,
  fillPercentile: 25,
  stealPercentile: 75,
  dissolvePercentile: 0,
};

/** The chain's rules with a network's own sizes: its smallest swarm, the size of a new one, the margin per swarm. */
export function swarmParameters(minimum: number, ideal: number, margin: number): SwarmParameters {
  return { ...CHAIN_SWARM_PARAMETERS, minimum, newSwarmSize: ideal, excessBase: minimum, margin };
}

/**
 * Places nodes without a swarm, feeds starving swarms, makes new ones and dissolves those that stay too small, as the
 * chain does at each block (node-network §8). The result depends on nothing but the arguments, the order of members
 * included; nodes come in ascending order of their keys. `seed` is the first 8 bytes of the block hash, little-endian.
 * With more than 16 swarms the order of equally large ones, and so the draw, may differ from the chain's.
 * @returns the members of each swarm, ids ascending; empty if there is no node.
 * @throws RangeError if the parameters contradict each other.
 */
export function assignSwarms<Node>(
  swarms: ReadonlyMap<SwarmId, readonly Node[]>,
  unassigned: readonly Node[],
  seed: bigint,
  parameters: SwarmParameters = CHAIN_SWARM_PARAMETERS,
): Map<SwarmId, Node[]> {
  checkParameters(parameters);
  const assignment = new Assignment(swarms, seed, parameters);
  assignment.place(unassigned, parameters.fillPercentile);
  assignment.feed();
  assignment.grow();
  assignment.dissolve();
  return new Map(assignment.swarms.map(({ id, members }) => [id, members]));
}

function checkParameters(parameters: SwarmParameters): void {
  const { minimum, newSwarmSize, excessBase, margin } = parameters;
  const whole = Object.values(parameters).every((value) => Number.isSafeInteger(value) && value >= 0);
  // Otherwise a new swarm would be dissolved at once, or its making would leave another one too small.
  if (!whole || minimum < 1 || newSwarmSize < minimum || excessBase < minimum || margin < 0) {
    throw new RangeError('swarm sizes that contradict each other');
  }
}

interface Swarm<Node> {
  readonly id: SwarmId;
  readonly members: Node[];
}

class Assignment<Node> {
  /** Ids ascending. */
  readonly swarms: Swarm<Node>[];
  readonly #twister: MersenneTwister;
  readonly #parameters: SwarmParameters;

  constructor(swarms: ReadonlyMap<SwarmId, readonly Node[]>, seed: bigint, parameters: SwarmParameters) {
    this.swarms = [...swarms]
      .map(([id, members]) => ({ id, members: [...members] }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#twister = new MersenneTwister(seed);
    this.#parameters = parameters;
  }

  /** Puts each node into one of the smaller swarms. */
  place(nodes: readonly Node[], percentile: number): void {
    for (const node of nodes) {
      if (this.swarms.length === 0) this.#create([]);
      const bySize = this.#bySize();
      const size = bySize[rank(percentile, bySize.length)]!.members.length;
      const candidates = bySize.findLastIndex(({ members }) => members.length === size) + 1;
      bySize[this.#twister.draw(candidates)]!.members.push(node);
      this.grow();
    }
  }

  /** Moves nodes from large swarms to those below the minimum, while the large ones can spare enough. */
  feed(): void {
    const { minimum, excessBase, stealPercentile } = this.#parameters;
    const bySize = this.#bySize();
    if (bySize.length === 0) return;
    const largeSize = bySize[rank(stealPercentile, bySize.length)]!.members.length;
    const limit = Math.max(excessBase, largeSize - 1);
    for (const hungry of bySize.filter(({ members }) => members.length < minimum)) {
      while (hungry.members.length < minimum) {
        if (this.#excess(limit) < minimum - hungry.members.length) return;
        hungry.members.push(this.#takeFromLargerThan(limit));
      }
    }
  }

  /** Makes new swarms from what the others have in excess. */
  grow(): void {
    const { minimum, newSwarmSize, excessBase, margin } = this.#parameters;
    if (this.swarms.some(({ members }) => members.length < minimum)) return;
    while (this.#excess(excessBase) >= newSwarmSize + margin * this.swarms.length) {
      this.#create(Array.from({ length: newSwarmSize }, () => this.#takeFromLargerThan(excessBase)));
    }
  }

  /** Spreads the members of swarms that are still too small over the others; the last swarm always stays. */
  dissolve(): void {
    const { minimum, dissolvePercentile } = this.#parameters;
    while (this.swarms.length > 1) {
      const index = this.swarms.findIndex(({ members }) => members.length < minimum);
      if (index < 0) return;
      const [dissolved] = this.swarms.splice(index, 1);
      this.place(dissolved!.members, dissolvePercentile);
    }
  }

  #create(members: Node[]): void {
    const id = newSwarmId(this.swarms.map((swarm) => swarm.id));
    const following = this.swarms.findIndex((swarm) => swarm.id > id);
    this.swarms.splice(following < 0 ? this.swarms.length : following, 0, { id, members });
  }

  /** Ascending by size; equally large ones by id. */
  #bySize(): Swarm<Node>[] {
    return this.swarms.toSorted((a, b) => a.members.length - b.members.length);
  }

  /** How many members the swarms with more than `limit` have above the base, together. */
  #excess(limit: number): number {
    let excess = 0;
    for (const { members } of this.swarms) {
      if (members.length > limit) excess += members.length - this.#parameters.excessBase;
    }
    return excess;
  }

  #takeFromLargerThan(limit: number): Node {
    const large = this.swarms.filter(({ members }) => members.length > limit);
    let index = this.#twister.draw(large.reduce((sum, { members }) => sum + members.length, 0));
    for (const { members } of large) {
      if (index < members.length) return members.splice(index, 1)[0]!;
      index -= members.length;
    }
    throw new RangeError('no swarm can spare a node');
  }
}

/** The index at a percentile of a list. */
function rank(percentile: number, count: number): number {
  return Math.floor((percentile * (count - 1)) / 100);
}
