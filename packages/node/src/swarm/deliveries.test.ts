import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import { NO_SWARM, type SwarmId } from '@sotto/wire/swarm';
import { expect, test } from 'vitest';
import { FixedNodeSource } from '../testing/fixed-node-source.ts';
import { versionNumber } from './handshake.ts';
import { nodesToSupply } from './supply.ts';
import { parseSnapshot, snapshotOf, snapshotText } from './swarm-snapshot.ts';

const OWN = 0;
const keys = Array.from(
  { length: 6 },
  (_, index) => deriveNodeKeys(new Uint8Array(32).fill(index + 1)).ed25519.publicKey,
);

/** A list in which node n is in the n-th of the given swarms; `null`: not listed. */
function listOf(swarms: readonly (SwarmId | null)[]) {
  const records = swarms.flatMap((swarmId, index): NodeRecord[] =>
    swarmId === null
      ? []
      : [{ ed25519Key: keys[index]!, swarmId, ip: '127.0.0.1', httpsPort: 1, omqPort: 2, version: [2, 11, 3] }],
  );
  return new FixedNodeSource(records).current()!;
}

function supplied(
  before: readonly (SwarmId | null)[],
  after: readonly (SwarmId | null)[],
  swarmsOfStored: readonly SwarmId[] = [],
): number[] {
  const found = nodesToSupply(
    parseSnapshot(snapshotText(snapshotOf(listOf(before), keys[OWN]!))),
    listOf(after),
    keys[OWN]!,
    () => new Set(swarmsOfStored),
  );
  return found.map(({ ed25519Key }) => keys.findIndex((key) => bytesToHex(key) === bytesToHex(ed25519Key))).sort();
}

test('members that join our swarm are supplied, by listing, recommission or move', () => {
  expect(supplied([1n, 1n, null, NO_SWARM, 9n], [1n, 1n, 1n, 1n, 1n])).toEqual([2, 3, 4]);
});

test('nothing changes in our swarm: nobody is supplied', () => {
  expect(supplied([1n, 1n, 9n], [1n, 1n, 9n])).toEqual([]);
  expect(supplied([1n, 1n, 9n], [1n, null, 9n])).toEqual([]);
  expect(supplied([1n, 1n, 9n], [1n, 1n, 9n, 9n])).toEqual([]);
});

test('members of a new swarm are supplied', () => {
  expect(supplied([1n, 1n, 1n, 9n], [1n, 1n, 5n, 9n])).toEqual([2]);
});

test('a node that moved leaves its accounts to those who stay', () => {
  expect(supplied([1n, 1n, 9n], [9n, 1n, 9n])).toEqual([]);
  expect(supplied([1n, 1n, 9n], [NO_SWARM, 1n, 9n])).toEqual([]);
  expect(supplied([1n, 1n, 9n], [null, 1n, 9n])).toEqual([]);
});

test('where all old members leave a swarm at once, they supply those who came instead, and their new swarms', () => {
  expect(supplied([1n, 1n, 9n], [5n, 5n, 1n])).toEqual([1, 2]);
  expect(supplied([1n, 9n, 9n], [9n, 1n, 9n])).toEqual([1]);
});

test('a dissolved swarm hands its accounts to the swarms that now keep them', () => {
  expect(supplied([1n, 9n, 9n, 7n], [9n, 9n, 9n, 7n], [9n])).toEqual([1, 2]);
});

test('a node that was in no swarm has nothing to give', () => {
  expect(supplied([NO_SWARM, 1n], [1n, 1n])).toEqual([]);
  expect(supplied([null, 1n], [1n, 1n])).toEqual([]);
});

test('the version in a handshake is MMmmpp', () => {
  expect(versionNumber([2, 12, 4])).toBe(21_204);
});
