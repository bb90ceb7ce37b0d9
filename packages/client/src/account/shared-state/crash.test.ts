import { rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { KeptMessage } from '../../testing/mailbox-node.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { ALICE, alice, bob } from '../../testing/party.ts';
import { accountOf, copyOf, type Device, discard, onCommit, startDevice } from '../../testing/person.ts';
import { PostOffice } from '../../testing/post-office.ts';
import { SharedConfigs } from './shared-configs.ts';

/** What a crash leaves behind: the disk of the device, what the nodes had done by then, and what had been promised. */
interface Wreck {
  readonly folder: string;
  readonly kept: readonly (readonly KeptMessage[])[];
  readonly at: number;
  readonly nickname: string | null;
}

let wrecks: Wreck[] = [];
let devices: Device[] = [];

afterEach(async () => {
  await Promise.all(devices.map(discard));
  for (const { folder } of wrecks) rmSync(folder, { recursive: true, force: true });
  wrecks = [];
  devices = [];
});

function start(options: Omit<Parameters<typeof startDevice>[0], 'person'>): Device {
  const device = startDevice({ ...options, person: ALICE });
  devices.push(device);
  return device;
}

function configOf(device: Device) {
  const config = new SharedConfigs(device.store, device.account).get(3);
  return { state: config.state, hash: config.message.hash, currentHashes: [...config.currentHashes].sort() };
}

test('a crash between any two steps of editing, pushing, confirming and merging loses nothing', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  const office = new PostOffice(clock);
  const [a, b] = [start({ clock, office, name: '' }), start({ clock, office, name: '' })];
  // So many that the shared state has several pieces on the disk.
  a.store.transaction(() => {
    for (let person = 100; person < 200; person++)
      a.store.conversations.ensure(accountOf(person).accountId, clock.now());
  });
  await clock.advance(10_000);
  let nickname: string | null = null;
  const keep = () => {
    wrecks.push({ folder: copyOf(a), kept: office.kept.map((messages) => [...messages]), at: clock.now(), nickname });
  };
  onCommit(a.database, keep);
  office.onActed = keep;
  a.engine.openConversation(bob);
  for (nickname of ['first', 'second']) {
    a.engine.setNickname(bob, nickname);
    await clock.advance(7_000);
  }
  b.engine.setPinned(bob, true);
  await clock.advance(10_000);
  office.onActed = () => {};
  expect(a.database.get('SELECT count(*) AS count FROM shared_pieces WHERE namespace = 3')!.count).toBeGreaterThan(1);
  expect(wrecks.length).toBeGreaterThan(20);
  const outcomes = new Set<string>();
  for (const wreck of wrecks) {
    const later = new ManualClock(wreck.at);
    const office = new PostOffice(later, wreck.kept);
    const again = start({ clock: later, office, from: wreck.folder });
    const promised = again.engine.conversation(bob)?.nickname ?? null;
    const other = start({ clock: later, office, name: '' });
    await later.advance(30_000);
    for (const device of [again, other]) {
      expect(device.engine.conversation(bob)?.nickname ?? null).toBe(promised);
      expect(device.engine.devices().pendingChanges).toBe(0);
    }
    expect(configOf(again)).toEqual(configOf(other));
    // Nothing is left behind in the mailbox, and nothing that is needed was deleted.
    const stored = office.shared(alice, 3).map(({ hash }) => hash);
    expect(stored.sort()).toEqual(configOf(again).currentHashes);
    outcomes.add(`${promised} ${wreck.nickname}`);
    await Promise.all([again, other].map((device) => device.engine.close()));
  }
  expect(outcomes.size).toBeGreaterThan(2);
}, 240_000);
