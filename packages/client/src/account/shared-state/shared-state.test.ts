import {
  accessors,
  type Collection,
  ConfigObject,
  type Contact,
  contacts,
  userConfigOptions,
  userGroups,
} from '@sotto/config';
import { accountIdToBytes } from '@sotto/wire/account';
import { messageHash } from '@sotto/wire/rpc';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALICE, alice, bob, eve, Party } from '../../testing/party.ts';
import { accountOf, bodies, type Device } from '../../testing/person.ts';
import { Link } from '../../testing/post-office.ts';
import { SharedConfigs } from './shared-configs.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(async () => {
  await party.end();
});

/** Alice, known to Bob, on two devices. */
async function twoDevices(): Promise<readonly [Device, Device]> {
  const [first] = await party.acquainted();
  const second = party.start(ALICE);
  await party.settle();
  return [first, second];
}

/** What of a conversation our devices share. */
function shared(device: Device, id: string) {
  const state = device.store.conversations.state(id);
  if (!state) return null;
  const { profileName, nickname, approved, approvedUs, blocked, priority, archived, notifications } = state;
  const { mutedUntil, markedUnread, lastReadAt, disappearing } = state;
  return {
    ...{ profileName, nickname, approved, approvedUs, blocked, priority, archived, notifications },
    ...{ mutedUntil: Math.ceil(mutedUntil / 1000), markedUnread, lastReadAt, disappearing },
  };
}

describe('what is changed on one device', () => {
  test('shows on another within a poll: everything about a person', async () => {
    const [first, second] = await twoDevices();
    expect(shared(second, bob)).toEqual(shared(first, bob));
    first.engine.setNickname(bob, 'Bobby');
    first.engine.setPinned(bob, true);
    first.engine.setNotifications(bob, 'none');
    first.engine.setMuted(bob, party.clock.now() + 86_400_000);
    first.engine.setArchived(bob, true);
    first.engine.setBlocked(eve, true);
    first.engine.setDisappearing(bob, { mode: 'after-send', seconds: 3600 });
    first.engine.markUnread(bob);
    expect(first.engine.devices().pendingChanges).toBeGreaterThan(0);
    await party.clock.until(() => second.engine.conversation(bob)!.nickname === 'Bobby', 10_000);
    await party.settle();
    expect(second.engine.conversation(bob)).toMatchObject({
      nickname: 'Bobby',
      isPinned: true,
      isArchived: true,
      notifications: 'none',
      markedUnread: true,
      disappearing: { mode: 'after-send', seconds: 3600 },
    });
    expect(second.engine.conversation(eve)!.isBlocked).toBe(true);
    for (const id of [bob, eve]) expect(shared(second, id)).toEqual(shared(first, id));
    expect(first.engine.devices().pendingChanges).toBe(0);
    second.engine.setNickname(bob, null);
    second.engine.setBlocked(eve, false);
    await party.settle();
    expect(first.engine.conversation(bob)!.nickname).toBe(null);
    expect(first.engine.conversation(eve)!.isBlocked).toBe(false);
  });

  test('our name, and what is set about note to self', async () => {
    const [first, second] = await twoDevices();
    first.engine.setName('Alicia');
    first.engine.openConversation(alice);
    first.engine.setPinned(alice, true);
    first.engine.setDisappearing(alice, { mode: 'after-send', seconds: 60 });
    await party.settle();
    expect(second.engine.account().name).toBe('Alicia');
    expect(second.engine.conversation(alice)).toMatchObject({
      isPinned: true,
      disappearing: { mode: 'after-send', seconds: 60 },
    });
  });

  test('what was read, and that a conversation was marked unread', async () => {
    const [first, second] = await twoDevices();
    const b = [...party.devices].find((device) => device.account.accountId === bob)!;
    b.engine.send(alice, 'news');
    await party.settle();
    expect(second.engine.conversation(bob)!.unread).toBe(1);
    first.engine.markRead(bob);
    await party.settle();
    expect(second.engine.conversation(bob)!.unread).toBe(0);
    second.engine.markUnread(bob);
    await party.settle();
    expect(first.engine.conversation(bob)!.markedUnread).toBe(true);
  });
});

test('nothing is pushed when nothing was changed, however long it runs', async () => {
  const [first, second] = await twoDevices();
  const before = [2, 3, 4, 5].map((namespace) => party.office.shared(alice, namespace).map(({ hash }) => hash));
  party.office.seen.length = 0;
  await party.clock.advance(600_000);
  expect(party.office.seen.filter((method) => method === 'store')).toEqual([]);
  expect([2, 3, 4, 5].map((namespace) => party.office.shared(alice, namespace).map(({ hash }) => hash))).toEqual(
    before,
  );
  expect(before.map(({ length }) => length)).toEqual([1, 1, 1, 0]);
  expect(shared(second, bob)).toEqual(shared(first, bob));
});

describe('a deleted conversation', () => {
  test('is deleted on the other device, and does not come back on a new one', async () => {
    const [first, second] = await twoDevices();
    expect(bodies(second, bob)).toEqual(['Hello', 'Hi']);
    first.engine.deleteConversation(bob);
    await party.settle();
    expect(second.engine.conversations()).toEqual([]);
    expect(bodies(second, bob)).toEqual([]);
    const third = party.start(ALICE);
    await party.settle();
    for (const device of [first, second, third]) {
      expect(device.engine.conversations()).toEqual([]);
      expect(device.engine.contacts()).toHaveLength(1);
    }
    const b = [...party.devices].find((device) => device.account.accountId === bob)!;
    b.engine.send(alice, 'again');
    await party.settle();
    for (const device of [first, second, third]) expect(bodies(device, bob)).toEqual(['again']);
  });

  test('with its contact is forgotten everywhere', async () => {
    const [first, second] = await twoDevices();
    first.engine.removeContact(bob);
    await party.settle();
    const third = party.start(ALICE);
    await party.settle();
    for (const device of [first, second, third]) {
      expect(device.engine.conversation(bob)).toBe(null);
      expect(device.engine.contacts()).toEqual([]);
    }
  });
});

describe('another client, which does not say up to when it deleted,', () => {
  /** A device of Alice's with other software: reads the contacts, changes them, and stores them. */
  function foreign(change: (people: Collection<Contact>) => void): void {
    const { clock, office } = party;
    const now = () => clock.now();
    const config = new ConfigObject(userConfigOptions(contacts, accountOf(ALICE)));
    config.merge(office.shared(alice, 3), now());
    change(accessors(contacts, config, now).contacts);
    for (const data of config.push(now()).messages) {
      const hash = messageHash(accountIdToBytes(alice), 3, data);
      const message = { accountId: alice, namespace: 3, hash, data, timestamp: now(), expiry: now() + 86_400_000 };
      for (const kept of office.kept) kept.push(message);
    }
  }

  test.each<[string, (people: Collection<Contact>) => void, number]>([
    ['hides a conversation', (people) => people.set(bob, { priority: -1 }), 1],
    ['removes a contact', (people) => void people.erase(bob), 0],
  ])('%s: it goes here too, and late messages do not bring it back', async (_, change, contactsLeft) => {
    const [first] = await twoDevices();
    await party.clock.advance(600_000);
    foreign(change);
    await party.settle();
    const fresh = party.start(ALICE);
    await party.settle();
    for (const device of [first, fresh]) {
      expect(device.engine.conversations()).toEqual([]);
      expect(bodies(device, bob)).toEqual([]);
      expect(device.engine.contacts()).toHaveLength(contactsLeft);
    }
    const b = party.devices.find(({ account }) => account.accountId === bob)!;
    b.engine.send(alice, 'again');
    await party.settle();
    for (const device of [first, fresh]) expect(bodies(device, bob)).toEqual(['again']);
  });
});

describe('a restored account', () => {
  test('gets its picture back, and shows a new one of another device', async () => {
    const [first] = await twoDevices();
    const picture = (byte: number) => Uint8Array.of(0xff, 0xd8, 0xff, byte);
    await first.engine.setPicture(picture(1));
    await party.settle();
    const third = party.start(ALICE, { name: '' });
    await party.settle();
    expect(await third.engine.readPicture(alice)).toEqual(picture(1));
    await third.engine.setPicture(picture(2));
    await party.settle();
    expect(await first.engine.readPicture(alice)).toEqual(picture(2));
    await first.engine.setPicture(null);
    await party.settle();
    expect(third.engine.account().pictureVersion).toBe(null);
  });

  test('has name, contacts, conversations, blocks and read marks, and says how far it is', async () => {
    const [first] = await twoDevices();
    first.engine.setName('Alicia');
    first.engine.setNickname(bob, 'Bobby');
    first.engine.setBlocked(eve, true);
    await party.settle();
    const third = party.start(ALICE, { name: '' });
    expect(third.engine.account()).toMatchObject({ name: '', restoring: { stage: 'connecting', done: 0, of: 5 } });
    const stages: string[] = [];
    const changes = third.engine.changes();
    const reading = (async () => {
      for await (const { kind } of changes)
        if (kind === 'account') stages.push(third.engine.account().restoring?.stage ?? '-');
    })();
    await party.settle();
    expect(third.engine.account()).toMatchObject({ name: 'Alicia', restoring: null });
    expect(shared(third, bob)).toEqual(shared(first, bob));
    expect(third.engine.conversation(eve)!.isBlocked).toBe(true);
    expect(third.engine.conversation(bob)!.unread).toBe(0);
    expect(stages).toContain('messages');
    expect(stages.at(-1)).toBe('-');
    const { otherSeenAt, syncedAt, since } = third.engine.devices();
    expect(otherSeenAt).toBeGreaterThan(0);
    expect(syncedAt).toBeGreaterThanOrEqual(since);
    await third.engine.close();
    await reading;
  });

  test('keeps what was changed before the state arrived', async () => {
    const [first] = await twoDevices();
    for (const nickname of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) {
      first.engine.setNickname(bob, nickname);
      await party.settle();
    }
    party.office.setOpen(false);
    const third = party.start(ALICE, { name: 'Changed early' });
    third.engine.openConversation(eve);
    third.engine.setNickname(eve, 'Known early');
    await party.clock.advance(60_000);
    party.office.setOpen(true);
    await party.settle();
    await party.settle();
    for (const device of [first, third]) {
      expect(device.engine.account().name).toBe('Changed early');
      expect(device.engine.conversation(eve)!.nickname).toBe('Known early');
      expect(device.engine.conversation(bob)!.nickname).toBe('seven');
    }
  });
});

test('messages that the mailbox has lost are put back', async () => {
  await twoDevices();
  const before = party.office.shared(alice, 3).map(({ hash }) => hash);
  for (const kept of party.office.kept) {
    kept.splice(0, kept.length, ...kept.filter(({ namespace }) => namespace !== 3));
  }
  party.clock.set(2 * 3_600_000);
  await party.clock.advance(400_000);
  expect(party.office.shared(alice, 3).map(({ hash }) => hash)).toEqual(before);
});

test('what is in the mailbox is kept from expiring', async () => {
  await twoDevices();
  party.clock.set(86_400_000);
  await party.clock.advance(400_000);
  for (const namespace of [2, 3, 4]) {
    const [message] = party.office.shared(alice, namespace);
    expect(message!.expiry - party.clock.now()).toBeGreaterThan(2_592_000_000 - 2 * 3_600_000);
  }
});

test('a device that was away for long takes part again, and what it changed meanwhile counts', async () => {
  const [first, second] = await twoDevices();
  const link = new Link();
  const away = party.start(ALICE, { link });
  await party.settle();
  link.setOpen(false);
  for (const nickname of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) {
    first.engine.setNickname(bob, nickname);
    await party.settle();
  }
  away.engine.setBlocked(eve, true);
  away.engine.setPinned(bob, true);
  const restarted = await party.restart(away, ALICE, { link });
  party.clock.set(86_400_000);
  link.setOpen(true);
  await party.settle();
  for (const device of [first, second, restarted]) {
    expect(device.engine.conversation(bob)).toMatchObject({ nickname: 'seven', isPinned: true });
    expect(device.engine.conversation(eve)!.isBlocked).toBe(true);
  }
});

test('read marks that are older than 30 days stay on the device, and cost nothing', async () => {
  const [first, second] = await twoDevices();
  const read = first.store.conversations.state(bob)!.lastReadAt;
  party.clock.set(31 * 86_400_000);
  first.engine.setNickname(bob, 'still known');
  first.engine.markUnread(eveIn(first));
  await party.settle();
  const marks = new SharedConfigs(first.store, first.account).readMarks(party.clock.now());
  expect(marks.list().map(({ id }) => id)).toEqual([eve]);
  for (const device of [first, second]) expect(device.store.conversations.state(bob)!.lastReadAt).toBe(read);
  expect(second.engine.conversation(eve)!.markedUnread).toBe(true);
});

function eveIn(device: Device): string {
  return device.engine.openConversation(eve).id;
}

test('groups and communities that another client put there are kept as they are', async () => {
  const [first, second] = await twoDevices();
  const options = userConfigOptions(userGroups, first.account);
  const foreign = new ConfigObject(options);
  const groups = accessors(userGroups, foreign, () => party.clock.now());
  groups.groups.set(`03${'1'.repeat(64)}`, {
    name: 'A group',
    access: { seed: null, authData: new Uint8Array(100).fill(1) },
  });
  const [data] = foreign.push(party.clock.now()).messages;
  const hash = messageHash(accountIdToBytes(alice), 5, data!);
  for (const kept of party.office.kept) {
    kept.push({
      accountId: alice,
      namespace: 5,
      hash,
      data: data!,
      timestamp: party.clock.now(),
      expiry: party.clock.now() + 86_400_000,
    });
  }
  await party.settle();
  first.engine.setName('Another name');
  second.engine.setNickname(bob, 'Another nickname');
  await party.settle();
  expect(party.office.shared(alice, 5).map(({ hash }) => hash)).toEqual([hash]);
  for (const device of [first, second]) {
    expect(new SharedConfigs(device.store, device.account).get(5).currentHashes).toEqual(new Set([hash]));
  }
});

test('an account that comes back onto a full disk says so, and goes on when there is room', async () => {
  const [first] = await party.acquainted();
  first.store.transaction(() => {
    for (let person = 100; person < 200; person++) {
      first.store.conversations.ensure(accountOf(person).accountId, party.clock.now());
    }
  });
  await party.settle();
  const second = party.start(ALICE);
  second.database.script('PRAGMA max_page_count = 1');
  await party.clock.advance(60_000);
  expect(second.engine.account().restoring).toMatchObject({ stage: 'no-room' });
  second.database.script('PRAGMA max_page_count = 1000000');
  await party.clock.advance(60_000);
  expect((second.warnings as string[]).splice(0)).toContain('the shared state cannot be kept');
  expect(second.engine.account().restoring).toBeNull();
  expect(second.engine.contacts()).toHaveLength(first.engine.contacts().length);
  expect(shared(second, bob)).toEqual(shared(first, bob));
});
