import { bytesToHex } from '@sotto/wire/bytes';
import { expect, test } from 'vitest';
import { composeDirectory } from './compose.ts';
import { networkId } from './network-file.ts';
import type { Directory } from './signed-directory.ts';
import { CREATED, sampleNetwork, sampleNodes } from './testing/sample-network.ts';

const { file } = sampleNetwork();
const id = networkId(file);

const compose = (previous: Directory | null, count: number, first = 0) =>
  composeDirectory({
    networkId: id,
    previous,
    nodes: sampleNodes(count, first).reverse(),
    parameters: file.parameters,
    now: CREATED + (previous?.epoch ?? 0),
  });

const swarmSizes = ({ nodes }: Directory) =>
  [...Map.groupBy(nodes, ({ swarmId }) => swarmId).values()].map((members) => members.length).sort((a, b) => a - b);

test('nine nodes become three swarms of three', () => {
  const directory = compose(null, 9);
  expect(directory).toMatchObject({ networkId: id, epoch: 1, validFrom: CREATED });
  expect(directory.validUntil - directory.validFrom).toBe(7 * 86_400_000);
  expect(directory.parameters).toEqual(file.parameters);
  const keys = directory.nodes.map(({ ed25519Key }) => bytesToHex(ed25519Key));
  expect(keys).toEqual(keys.toSorted());
  expect(swarmSizes(directory)).toEqual([3, 3, 3]);
});

test('the same input gives the same directory', () => {
  expect(compose(null, 9)).toEqual(compose(null, 9));
});

test('the next round changes the time and the epoch only, if the nodes stay', () => {
  const first = compose(null, 9);
  const second = compose(first, 9);
  expect(second).toEqual({ ...first, epoch: 2, validFrom: CREATED + 1, validUntil: CREATED + 1 + 7 * 86_400_000 });
});

test('newcomers join without moving the others', () => {
  const nine = compose(null, 9);
  const ten = compose(nine, 10);
  const swarmOf = new Map(ten.nodes.map(({ ed25519Key, swarmId }) => [bytesToHex(ed25519Key), swarmId]));
  expect(nine.nodes.every(({ ed25519Key, swarmId }) => swarmOf.get(bytesToHex(ed25519Key)) === swarmId)).toBe(true);
  expect(swarmSizes(ten)).toEqual([3, 3, 4]);
});

test('a swarm that lost too many is dissolved, and every node has a swarm', () => {
  const seven = compose(compose(null, 9), 7, 2);
  expect(swarmSizes(seven)).toEqual([3, 4]);
});

test('a network may be empty, and begin', () => {
  const empty = compose(null, 0);
  expect(empty.nodes).toEqual([]);
  expect(swarmSizes(compose(empty, 2))).toEqual([2]);
});
