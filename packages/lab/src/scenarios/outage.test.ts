import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDelete, buildDeleteAll, buildExpire } from '@sotto/wire/rpc';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { LabNode } from '../lab-node.ts';
import { type LabNetwork, startNetwork } from '../start-network.ts';
import { Mailboxes, type Owner } from '../testing/mailboxes.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };

let folder: string;
let network: LabNetwork;
let mailboxes: Mailboxes;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-outage-'));
  network = await startNetwork({ folder, nodes: 3, nodeOptions: { deliveryInterval: 500 } });
  mailboxes = new Mailboxes(network);
});

afterAll(async () => {
  mailboxes?.close();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const node of network.nodes) if (node.pid === null) await node.restart();
});

async function everywhere(owner: Owner, expected: readonly string[]): Promise<void> {
  await vi.waitFor(async () => {
    const kept = await Promise.all(network.nodes.map((node) => mailboxes.texts(node, owner)));
    expect(kept).toEqual(network.nodes.map(() => expected));
  }, PATIENCE);
}

test('a node that was away gets what was stored, and does not bring back what was deleted', async () => {
  const [a, b, c] = network.nodes as [LabNode, LabNode, LabNode];
  const [ada, ben] = [mailboxes.owner(), mailboxes.owner()];
  for (const text of ['deleted', 'shortened', 'stays']) await mailboxes.store(a, ada, text);
  for (let index = 0; index < 20; index++) await mailboxes.store(b, ben, `old ${index}`);
  await c.kill();
  await mailboxes.store(a, ada, 'while away');
  const hashes = (text: string) => [mailboxes.hash(ada, text)];
  const requests = [
    buildDelete(ada.signer, { messages: hashes('deleted') }),
    buildExpire(ada.signer, { messages: hashes('shortened'), expiry: Date.now() - 30_000, mode: 'shorten' }),
    buildDeleteAll(ben.signer, { namespace: 'all', timestamp: Date.now() }),
  ];
  for (const request of requests) expect((await mailboxes.ask(b, request)).status).toBe(200);
  await mailboxes.store(b, ben, 'new');
  await c.restart();
  await everywhere(ada, ['stays', 'while away']);
  await everywhere(ben, ['new']);
});

test('all but one were away one after the other: nobody lost anything', async () => {
  const owner = mailboxes.owner();
  const expected: string[] = [];
  for (const [index, away] of network.nodes.entries()) {
    const entry = network.nodes[(index + 1) % 3]!;
    await away.kill();
    for (const text of [`${index} a`, `${index} b`]) {
      await mailboxes.store(entry, owner, text);
      expected.push(text);
    }
    await away.restart();
  }
  await everywhere(owner, expected.sort());
});

test('a member that says nothing holds nobody up, and catches up when it speaks again', async () => {
  const [a, , c] = network.nodes as [LabNode, LabNode, LabNode];
  const owner = mailboxes.owner();
  await mailboxes.store(a, owner, 'first');
  process.kill(c.pid!, 'SIGSTOP');
  const times: number[] = [];
  const texts = Array.from({ length: 10 }, (_, index) => `unheard ${index}`);
  try {
    for (const text of texts) {
      const started = performance.now();
      const results = await mailboxes.store(a, owner, text);
      times.push(performance.now() - started);
      expect([...results.values()].filter(({ failed }) => !failed)).toHaveLength(2);
      expect(results.get(c.keys.ed25519)).toEqual({ failed: true, timeout: true });
    }
  } finally {
    process.kill(c.pid!, 'SIGCONT');
  }
  // The time that a member has to answer is 5 s; after the first time it is waited for 0.1 s.
  expect(times[0]).toBeLessThan(4_000);
  expect(times.slice(1).toSorted((x, y) => x - y)[4]).toBeLessThan(1_000);
  await everywhere(owner, ['first', ...texts].sort());
});
