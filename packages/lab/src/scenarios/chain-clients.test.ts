import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProfile, type Engine, openProfile } from '@sotto/client';
import { type ChainSeed, parseAnyNetworkFile } from '@sotto/directory';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type OxendNetwork, startOxendNetwork } from '../oxend/oxend-network.ts';
import { type LabSeedServer, startSeedServer } from '../oxend/seed-server.ts';

const PATIENCE = { timeout: 40_000, interval: 100 };
const NODES = 10;
const REGISTERED = 8;

let folder: string;
let network: OxendNetwork;
let seed: LabSeedServer;
let ada: Engine;
let ben: Engine;

const fileWith = (seeds: readonly ChainSeed[]) =>
  parseAnyNetworkFile(
    JSON.stringify({ sotto: 1, name: 'Chain lab', chain: { id: 'chain-lab', seeds, oneSite: true } }),
  );
const place = (name: string, seeds = [seed.listed]) => ({
  folder: join(folder, `profile-${name}`),
  network: fileWith(seeds),
  polling: { idleMs: 500, activeMs: 200 },
  timings: { refresh: 1000 },
});
const create = (name: string, seeds?: ChainSeed[]) => createProfile({ ...place(name, seeds), name });
const idOf = (engine: Engine) => engine.account().accountId;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-chain-'));
  network = await startOxendNetwork({
    folder,
    nodes: NODES,
    registered: REGISTERED,
    swarms: { minimum: 2, ideal: 3, margin: 0 },
  });
  seed = await startSeedServer(join(folder, 'seed'), () => network.nodes[0]!);
  [ada, ben] = await Promise.all([create('Ada'), create('Ben')]);
});

afterAll(async () => {
  await Promise.all([ada?.close(), ben?.close()]);
  await seed?.close();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function says(from: Engine, to: Engine, text: string): Promise<void> {
  from.openConversation(idOf(to));
  from.send(idOf(to), text);
  await vi.waitFor(() => {
    const { messages } = to.messages(idOf(from), { limit: 200 });
    expect(messages.filter(({ body, author }) => body === text && author === idOf(from))).toHaveLength(1);
  }, PATIENCE);
}

test('two people write to each other over nodes that a chain lists', async () => {
  await says(ada, ben, 'over the chain');
  await says(ben, ada, 'and back');
  expect(ada.network()).toMatchObject({
    name: 'Chain lab',
    chain: { seeds: [{ url: seed.listed.url, verified: true }] },
    authorities: [],
    history: [],
    list: { nodes: REGISTERED, validUntil: null, expired: false },
  });
  expect(ada.route()).toMatchObject({ state: 'connected', nodes: REGISTERED, directoryExpired: false });
});

test('without seeds they learn from nodes which nodes there are now', async () => {
  const asked = seed.answered();
  await seed.close();
  for (const index of [8, 9]) {
    await network.oxend.tell({ do: 'status', node: index, status: 'active' });
    await network.nodes[index]!.process.start();
  }
  await network.oxend.mine();
  await network.oxend.mine();
  await vi.waitFor(() => {
    for (const engine of [ada, ben]) expect(engine.network().list?.nodes).toBe(NODES);
  }, PATIENCE);
  await says(ada, ben, 'more nodes');
  await network.oxend.tell({ do: 'status', node: 1, status: 'decommissioned' });
  await network.oxend.mine();
  await vi.waitFor(() => {
    for (const engine of [ada, ben]) expect(engine.network().list?.nodes).toBe(NODES - 1);
  }, PATIENCE);
  await says(ben, ada, 'one node less');
  expect(seed.answered()).toBe(asked);
});

test('who comes back while the seeds are away goes on with the list of before', async () => {
  const benId = idOf(ben);
  await ben.close();
  ada.send(benId, 'while you were away');
  ben = await openProfile(place('Ben'));
  await vi.waitFor(() => {
    expect(ben.messages(idOf(ada), { limit: 200 }).messages.map(({ body }) => body)).toContain('while you were away');
  }, PATIENCE);
  await seed.open();
});

test('a list of whoever has another certificate is not believed', async () => {
  const asked = seed.answered();
  const carl = await create('Carl', [{ ...seed.listed, certificate: randomBytes(32).toString('hex') }]);
  try {
    await vi.waitFor(() => expect(seed.answered()).toBeGreaterThan(asked + 1), PATIENCE);
    expect(carl.network().list).toBeNull();
    await vi.waitFor(() => expect(carl.route()).toMatchObject({ state: 'offline', nodes: 0 }), PATIENCE);
  } finally {
    await carl.close();
  }
});
