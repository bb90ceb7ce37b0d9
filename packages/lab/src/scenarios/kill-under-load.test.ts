import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LabNetwork, startNetwork } from '../start-network.ts';
import { Mailboxes, type Owner } from '../testing/mailboxes.ts';

/** Kills of one run; `SOTTO_KILLS=50` for a long one. */
const KILLS = Number(process.env.SOTTO_KILLS ?? 8);
const WRITERS = 6;
const SECONDS_A_KILL = 15;

let folder: string;
let network: LabNetwork;
let mailboxes: Mailboxes;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-kills-'));
  network = await startNetwork({ folder, nodes: 3, nodeOptions: { deliveryInterval: 500, rateLimit: false } });
  mailboxes = new Mailboxes(network);
});

afterAll(async () => {
  mailboxes?.close();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'nodes that are killed in the middle of their work lose nothing that they acknowledged',
  async () => {
    const owners = Array.from({ length: WRITERS }, () => mailboxes.owner());
    const acknowledged = new Map<Owner, string[]>(owners.map((owner) => [owner, []]));
    const ending = new AbortController();
    const write = async (owner: Owner, index: number) => {
      for (let count = 0; !ending.signal.aborted; count++) {
        const node = network.nodes[(index + count) % 3]!;
        const text = `message ${count}`;
        try {
          await mailboxes.store(node, owner, text);
          acknowledged.get(owner)!.push(text);
        } catch {
          // Not acknowledged; that node is down.
        }
        await delay(10);
      }
    };
    const writers = owners.map(write);
    for (let kill = 0; kill < KILLS; kill++) {
      const victim = network.nodes[kill % 3]!;
      const before = acknowledged.get(owners[0]!)!.length;
      // In the middle of the load, and not always at the same point of it.
      await vi.waitFor(() => expect(acknowledged.get(owners[0]!)!.length).toBeGreaterThan(before), { timeout: 20_000 });
      await delay(Math.random() * 200);
      await victim.kill();
      await victim.restart();
    }
    ending.abort();
    await Promise.all(writers);
    for (const [owner, texts] of acknowledged) {
      expect(texts.length).toBeGreaterThan(KILLS);
      await vi.waitFor(
        async () => {
          for (const node of network.nodes) {
            const kept = new Set(await mailboxes.texts(node, owner));
            expect(texts.filter((text) => !kept.has(text))).toEqual([]);
          }
        },
        { timeout: 60_000, interval: 200 },
      );
    }
  },
  60_000 + KILLS * SECONDS_A_KILL * 1000,
);
