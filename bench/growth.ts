/**
 * What it costs a network when one more node joins, by simulation of the lists alone: nodes that change swarms, bytes that
 * have to be moved, the size of the list, and what it costs people to keep it up to date.
 */
import { randomBytes } from 'node:crypto';
import {
  type AdmittedNode,
  composeDirectory,
  type Directory,
  type NetworkParameters,
  signDirectory,
} from '../packages/directory/src/index.ts';
import { bytesToHex } from '../packages/wire/src/bytes/index.ts';
import { deriveNodeKeys } from '../packages/wire/src/nodes/index.ts';
import type { SwarmId } from '../packages/wire/src/swarm/index.ts';

const parameters: NetworkParameters = {
  swarmMin: 3,
  swarmIdeal: 5,
  swarmMargin: 2,
  relays: 3,
  join: 'open',
  oneSite: false,
};
/** Each person has this many bytes in a mailbox, and there are this many people a node. */
const MAILBOX_BYTES = 1_000_000;
const PEOPLE_A_NODE = 1000;
const REFRESHES_A_DAY = 24;
const AUTHORITIES = 3;
/** No list has more than 10,000 nodes. */
const SAMPLES = 20;
const RING = 2 ** 64;

const authorities = Array.from({ length: AUTHORITIES }, () => deriveNodeKeys(new Uint8Array(randomBytes(32))).ed25519);

function node(): AdmittedNode {
  const { publicKey } = deriveNodeKeys(new Uint8Array(randomBytes(32))).ed25519;
  return { ed25519Key: publicKey, ip: '203.0.113.7', httpsPort: 22_021, omqPort: 22_020, version: [2, 11, 3] };
}

function next(previous: Directory | null, nodes: readonly AdmittedNode[]): Directory {
  const now = (previous?.validFrom ?? 0) + 3_600_000;
  return composeDirectory({ networkId: new Uint8Array(32), previous, nodes, parameters, now });
}

/** The share of all accounts that each swarm keeps: what is nearer to it than to its neighbours. */
function shares({ nodes }: Directory): Map<SwarmId, [from: number, length: number]> {
  const ids = [...new Set(nodes.map(({ swarmId }) => swarmId))].sort((a, b) => (a < b ? -1 : 1));
  if (ids.length === 1) return new Map([[ids[0]!, [0, 1]]]);
  const gap = (a: SwarmId, b: SwarmId) => Number(BigInt.asUintN(64, b - a)) / RING;
  return new Map(
    ids.map((id, index) => {
      const left = gap(ids.at(index - 1)!, id) / 2;
      const right = gap(id, ids[(index + 1) % ids.length]!) / 2;
      return [id, [(((Number(id) / RING - left) % 1) + 1) % 1, left + right]];
    }),
  );
}

function overlap([a, lengthA]: [number, number], [b, lengthB]: [number, number]): number {
  const oneSided = (from: number, length: number, to: number, other: number) => {
    const offset = (((to - from) % 1) + 1) % 1;
    return offset >= length ? 0 : Math.min(length - offset, other);
  };
  return oneSided(a, lengthA, b, lengthB) + (a === b ? 0 : oneSided(b, lengthB, a, lengthA));
}

/** What all nodes together lack after a change, as a share of everything that the network keeps. */
function lacking(before: Directory, after: Directory): { moved: number; share: number } {
  const [old, now] = [shares(before), shares(after)];
  const swarmOf = new Map(before.nodes.map(({ ed25519Key, swarmId }) => [bytesToHex(ed25519Key), swarmId]));
  let share = 0;
  let moved = 0;
  for (const { ed25519Key, swarmId } of after.nodes) {
    const from = swarmOf.get(bytesToHex(ed25519Key));
    const arc = now.get(swarmId)!;
    const had = from === undefined ? 0 : overlap(arc, old.get(from)!);
    share += arc[1] - had;
    if (from !== undefined && from !== swarmId) moved++;
  }
  return { moved, share };
}

for (const count of [10, 100, 1000, 10_000 - SAMPLES]) {
  const nodes = Array.from({ length: count }, node);
  let directory: Directory | null = null;
  // Not all at once: swarms grow as they do when nodes come one after the other.
  for (const part of [0.25, 0.5, 0.75, 1]) directory = next(directory, nodes.slice(0, Math.max(3, count * part)));
  const began = performance.now();
  let moved = 0;
  let share = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    nodes.push(node());
    const after = next(directory, nodes);
    const change = lacking(directory!, after);
    moved += change.moved;
    share += change.share;
    directory = after;
  }
  const time = (performance.now() - began) / SAMPLES;
  const bytes = signDirectory(directory!, authorities).length;
  const kept = count * PEOPLE_A_NODE * MAILBOX_BYTES;
  const swarms = new Set(directory!.nodes.map(({ swarmId }) => swarmId)).size;
  console.log(
    `${String(count).padStart(6)} nodes, ${swarms} swarms: a node that joins moves ${(moved / SAMPLES).toFixed(2)} others and ` +
      `${((share / SAMPLES) * (kept / 1e9)).toFixed(2)} GB (of ${kept / 1e9} GB kept once); list ${bytes} bytes; a client that gets ` +
      `each new list: ${((bytes * REFRESHES_A_DAY) / 1e6).toFixed(2)} MB a day; made in ${time.toFixed(1)} ms`,
  );
}
