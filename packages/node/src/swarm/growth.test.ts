import { createHash } from 'node:crypto';
import { messageHash } from '@sotto/wire/rpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StoredMessage } from '../store/message-store.ts';
import { leastCost } from '../testing/least-moves.ts';
import { SimulatedNetwork } from '../testing/simulated-network.ts';

const MESSAGES = 300;
const parameters = {
  swarmMin: 3,
  swarmIdeal: 5,
  swarmMargin: 2,
  relays: 3,
  join: 'open',
  oneSite: true,
} as const;

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork(parameters);
});

afterEach(() => network.close());

/** The same bytes for the same text. */
const bytesOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());

function message(index: number): StoredMessage {
  const account = Uint8Array.of(5, ...bytesOf(`account ${index}`));
  const data = bytesOf(`message ${index}`);
  const hash = messageHash(account, 0, data);
  return { account, hash, namespace: 0, timestamp: index, expiry: Date.now() + 3_600_000, data };
}

/** What the changed list asks to be moved, and the least that any distribution of nodes over swarms as large would ask for. */
function movesNow(): { needed: number; least: number } {
  const messages = network.messagesBySwarm();
  const swarms = [...network.swarms()];
  const lacking = (kept: ReadonlySet<string>, id: bigint) =>
    (messages.get(id) ?? []).filter(({ hash }) => !kept.has(hash)).length;
  const needed = swarms.flatMap(([id, members]) => members.map(({ kept }) => lacking(kept, id)));
  const places = swarms.flatMap(([id, members]) => members.map(() => id));
  const costs = [...network.nodes.values()].map(({ kept }) => {
    const ofSwarm = new Map(swarms.map(([id]) => [id, lacking(kept, id)]));
    return places.map((id) => ofSwarm.get(id)!);
  });
  return { needed: needed.reduce((sum, each) => sum + each, 0), least: leastCost(costs) };
}

test('from 3 to 60 nodes and back nothing is lost, and little more is moved than must be', async () => {
  network.make(3);
  network.publish();
  network.messages.push(...Array.from({ length: MESSAGES }, (_, index) => message(index)));
  for (const node of network.nodes.values()) await node.put(network.messages);
  const total = { needed: 0, least: 0 };
  const sizes: number[] = [];
  const settle = async () => {
    network.publish();
    const moves = movesNow();
    total.needed += moves.needed;
    total.least += moves.least;
    await network.settle();
    sizes.push(network.swarms().size);
  };
  while (network.nodes.size < 60) {
    network.make(Math.min(6, 60 - network.nodes.size));
    await settle();
  }
  while (network.nodes.size > 3) {
    const names = [...network.nodes.keys()].sort();
    const leaving = [names[0]!, names[Math.floor(names.length / 2)]!].slice(0, network.nodes.size - 3);
    for (const name of leaving) await network.lose(network.nodes.get(name)!);
    await settle();
  }
  expect(Math.max(...sizes)).toBeGreaterThan(8);
  expect(sizes.at(-1)).toBe(1);
  expect(total.needed).toBeLessThan(1.47 * total.least);
  // Hardly anything is sent twice, or to somebody who does not keep it.
  expect(network.sent).toBeLessThan(1.5 * total.least);
  for (const node of network.nodes.values()) {
    expect(network.messages.filter((each) => !node.has(each))).toEqual([]);
  }
}, 240_000);
