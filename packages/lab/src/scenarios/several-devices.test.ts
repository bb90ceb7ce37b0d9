import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProfile, type Engine, openProfile, restoreProfile } from '@sotto/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LabNetwork, startNetwork } from '../start-network.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };
/** As people use it, only faster. */
const polling = { idleMs: 500, activeMs: 200 };

let folder: string;
let network: LabNetwork;
let desk: Engine;
let ben: Engine;
let profiles = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-scenario-'));
  network = await startNetwork({ folder: join(folder, 'network') });
  [desk, ben] = await Promise.all([
    createProfile({ ...place(), name: 'Ada' }),
    createProfile({ ...place(), name: 'Ben' }),
  ]);
});

afterAll(async () => {
  await Promise.all([desk?.close(), ben?.close()]);
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

const place = () => ({ folder: join(folder, `profile-${profiles++}`), network: network.networkFile, polling });
const idOf = (engine: Engine) => engine.account().accountId;
const until = (check: () => void) => vi.waitFor(check, PATIENCE);
const restore = () => restoreProfile({ ...place(), phrase: desk.recoveryPhrase() });

/** What both devices show of everybody. */
const shown = (engine: Engine) =>
  engine.conversations().map(({ id, name, nickname, isPinned, isBlocked, isArchived, unread, markedUnread }) => ({
    ...{ id, name, nickname, isPinned, isBlocked, isArchived, unread, markedUnread },
  }));

test('an account comes back from its phrase alone, and its devices stay in step', async () => {
  const benId = idOf(ben);
  ben.send(idOf(desk), 'Hello');
  await until(() => expect(desk.conversation(benId)?.unread).toBe(1));
  desk.send(benId, 'Hi');
  desk.setNickname(benId, 'Benny');
  desk.setPinned(benId, true);
  await until(() => expect(desk.devices()).toMatchObject({ pendingChanges: 0, otherSeenAt: null }));

  const phone = await restore();
  await until(() => expect(phone.account()).toMatchObject({ name: 'Ada', restoring: null }));
  expect(shown(phone)).toEqual(shown(desk));
  expect(phone.contacts()).toMatchObject([{ accountId: benId, name: 'Benny' }]);

  phone.setName('Ada L.');
  phone.markUnread(benId);
  await until(() => {
    expect(desk.account().name).toBe('Ada L.');
    expect(desk.conversation(benId)).toMatchObject({ markedUnread: true });
    expect(desk.devices().otherSeenAt).not.toBe(null);
  });

  desk.deleteConversation(benId);
  await until(() => expect(phone.conversations()).toEqual([]));
  await until(() => expect(desk.devices().pendingChanges).toBe(0));
  const tablet = await restore();
  await until(() => expect(tablet.account()).toMatchObject({ name: 'Ada L.', restoring: null }));
  expect(tablet.conversations()).toEqual([]);
  await Promise.all([phone.close(), tablet.close()]);
});

test('a change shows within seconds on a device that never asks for it, because it is told', async () => {
  const hour = 3_600_000;
  const benId = idOf(ben);
  const rarely = { idleMs: hour, activeMs: hour };
  const phone = await restoreProfile({ ...place(), polling: rarely, phrase: desk.recoveryPhrase() });
  await until(() => expect(phone.account().restoring).toBe(null));
  desk.openConversation(benId);
  for (const nickname of ['told once', 'told twice']) {
    desk.setNickname(benId, nickname);
    await vi.waitFor(() => expect(phone.conversation(benId)?.nickname).toBe(nickname), {
      timeout: 15_000,
      interval: 50,
    });
  }
  await phone.close();
});

test('edits of devices that could not hear each other come together, also over a restart and with nodes down', async () => {
  const benId = idOf(ben);
  const home = place();
  const phone = await restoreProfile({ ...home, phrase: desk.recoveryPhrase() });
  await until(() => expect(phone.account().restoring).toBe(null));
  await phone.close();
  desk.openConversation(benId);
  desk.setNickname(benId, 'from the desk');
  await until(() => expect(desk.devices().pendingChanges).toBe(0));
  const victims = [...Map.groupBy(network.nodes, ({ swarmId }) => swarmId).values()].map((members) => members[0]!);
  await Promise.all(victims.map((node) => node.kill()));
  const back = await openProfile(home);
  back.setArchived(benId, true);
  back.setName('Ada from the phone');
  await until(() => {
    expect(back.conversation(benId)).toMatchObject({ nickname: 'from the desk', isArchived: true });
    expect(desk.conversation(benId)).toMatchObject({ nickname: 'from the desk', isArchived: true });
    expect(desk.account().name).toBe('Ada from the phone');
  });
  await Promise.all(victims.map((node) => node.restart()));
  await back.close();
});
