import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_SWARM } from '@sotto/wire/swarm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LabNetwork, startNetwork } from '../start-network.ts';
import { Mailboxes, type Owner } from '../testing/mailboxes.ts';

const PATIENCE = { timeout: 60_000, interval: 200 };

let folder: string;
let network: LabNetwork;
let mailboxes: Mailboxes;
let owners: Owner[];
const expected = new Map<Owner, string[]>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-changes-'));
  network = await startNetwork({
    folder,
    nodes: 7,
    nodeOptions: { directoryInterval: 200, deliveryInterval: 500, durability: 'process-kill' },
  });
  mailboxes = new Mailboxes(network);
  owners = Array.from({ length: 12 }, () => mailboxes.owner());
});

afterAll(async () => {
  mailboxes?.close();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

const inSwarms = () => network.nodes.filter(({ swarmId }) => swarmId !== NO_SWARM);
const swarms = () => new Set(inSwarms().map(({ swarmId }) => swarmId)).size;

async function storeSome(what: string): Promise<void> {
  for (const owner of owners) {
    const keepers = mailboxes.keepers(owner).filter(({ pid }) => pid !== null);
    const text = `${what} of ${owner.id.slice(2, 8)}`;
    await vi.waitFor(() => mailboxes.store(keepers[0]!, owner, text), PATIENCE);
    expected.set(owner, [...(expected.get(owner) ?? []), text].sort());
  }
}

/** Every keeper of every mailbox has everything that was ever stored there. */
async function nothingIsLost(): Promise<void> {
  for (const owner of owners) {
    const keepers = mailboxes.keepers(owner);
    expect(keepers.length).toBeGreaterThan(0);
    await vi.waitFor(async () => {
      const kept = await Promise.all(keepers.map((node) => mailboxes.texts(node, owner)));
      expect(kept).toEqual(keepers.map(() => expected.get(owner)));
    }, PATIENCE);
  }
}

test('a node that joins a swarm gets its messages', async () => {
  await network.list([0, 1, 2]);
  expect(swarms()).toBe(1);
  await storeSome('before');
  await network.list([0, 1, 2, 3]);
  expect(network.nodes[3]!.swarmId).toBe(network.nodes[0]!.swarmId);
  await nothingIsLost();
});

test('a new swarm gets the messages of its accounts, also from a member that is down at that time', async () => {
  const [first] = network.nodes;
  await storeSome('in one swarm');
  await first!.kill();
  await network.list([0, 1, 2, 3, 4, 5, 6]);
  expect(swarms()).toBe(2);
  await storeSome('while one was down');
  await first!.restart();
  await nothingIsLost();
});

test('what a dissolved swarm kept moves to the swarm that keeps it now', async () => {
  const bySwarm = [...Map.groupBy(inSwarms(), ({ swarmId }) => swarmId).values()];
  const [last, ...leaving] = bySwarm.toSorted((a, b) => a.length - b.length)[0]!;
  await network.list(network.nodes.filter((node) => !leaving.includes(node)).map(({ index }) => index));
  expect(swarms()).toBe(1);
  expect(last!.swarmId).not.toBe(NO_SWARM);
  await storeSome('after the end of a swarm');
  await nothingIsLost();
});
