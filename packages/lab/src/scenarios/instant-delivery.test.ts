import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProfile, type Engine } from '@sotto/client';
import { accountIdToBytes } from '@sotto/wire/account';
import { accountPosition, swarmOfPosition } from '@sotto/wire/swarm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { LabNode } from '../lab-node.ts';
import { type LabNetwork, startNetwork } from '../start-network.ts';

const PATIENCE = { timeout: 60_000, interval: 20 };
const HOUR = 3_600_000;
/** Whoever polls only so often has everything else from being told. */
const rarely = { idleMs: HOUR, activeMs: HOUR };
const often = { idleMs: 500, activeMs: 200 };

let folder: string;
let network: LabNetwork;
let ada: Engine;
let ben: Engine;
let profiles = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-scenario-'));
  network = await startNetwork({ folder: join(folder, 'network') });
  [ada, ben] = await Promise.all([create('Ada', often), create('Ben', rarely)]);
});

afterAll(async () => {
  await Promise.all([ada?.close(), ben?.close()]);
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

const create = (name: string, polling: typeof often) =>
  createProfile({ folder: join(folder, `profile-${profiles++}`), network: network.networkFile, polling, name });

const idOf = (engine: Engine) => engine.account().accountId;

const hasHeard = (by: Engine, from: Engine, text: string) =>
  by.messages(idOf(from), { limit: 200 }).messages.some(({ body }) => body === text);

/** Says something and waits until the other one has it; gives how long that took, ms. */
async function say(from: Engine, to: Engine, text: string): Promise<number> {
  from.openConversation(idOf(to));
  const began = performance.now();
  from.send(idOf(to), text);
  await vi.waitFor(() => expect(hasHeard(to, from, text)).toBe(true), PATIENCE);
  return performance.now() - began;
}

function mailboxOf(engine: Engine): LabNode[] {
  const list = network.directory.current()!;
  const swarm = swarmOfPosition(accountPosition(accountIdToBytes(idOf(engine))), list.swarmIds);
  return network.nodes.filter(({ swarmId }) => swarmId === swarm);
}

test('messages come at once to somebody who never polls, one after the other', async () => {
  await say(ada, ben, 'the first, found while the engine starts');
  const times: number[] = [];
  for (let index = 0; index < 20; index++) times.push(await say(ada, ben, `message ${index}`));
  // Asking would take an hour.
  expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(5_000);
});

test('whichever node of the mailbox dies, the next message comes all the same', async () => {
  for (const node of mailboxOf(ben)) {
    await node.kill();
    await say(ada, ben, `without node ${node.index}`);
    await node.restart();
  }
  await say(ada, ben, 'with all of them again');
});

test('relays that die take nothing with them', async () => {
  const guards = new Set(ben.route().relays.map(({ key }) => key));
  const victims = network.nodes.filter(({ keys }) => guards.has(keys.ed25519));
  expect(victims.length).toBe(3);
  for (const node of victims) {
    await node.kill();
    await say(ada, ben, `without relay ${node.index}`);
    await node.restart();
  }
});

test('where no node tells of messages, polling brings them', async () => {
  const benId = idOf(ben);
  await Promise.all([ada.close(), ben.close()]);
  await network.close();
  network = await startNetwork({ folder: join(folder, 'network'), nodeOptions: { maxWaiting: 0 } });
  [ada, ben] = await Promise.all([create('Ada', often), create('Ben', often)]);
  expect(idOf(ben)).not.toBe(benId);
  for (let index = 0; index < 3; index++) await say(ada, ben, `polled ${index}`);
});
