import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRead, markReadUntil } from '../conversation/reading.ts';
import { Touched } from '../conversation/touched.ts';
import { ALICE, alice, BOB, bob, Party } from '../testing/party.ts';
import { texts } from '../testing/person.ts';
import { Link } from '../testing/post-office.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

test('what was written before our answer and came after it is unread on all our devices, until it is read on one', async () => {
  const link = new Link();
  const [a, b] = [party.start(ALICE), party.start(BOB, { link })];
  a.engine.send(bob, 'Hello');
  await party.settle();
  b.engine.send(alice, 'Hi');
  await party.settle();
  a.engine.markRead(bob);
  const a2 = party.start(ALICE);
  await party.settle();
  link.setOpen(false);
  b.engine.send(alice, 'I am in a tunnel');
  await party.clock.advance(600_000);
  a.engine.send(bob, 'Are you there?');
  await party.settle();
  link.setOpen(true);
  await party.settle();
  const a3 = party.start(ALICE);
  await party.settle();
  for (const device of [a, a2, a3]) {
    expect(texts(device, bob).map(({ body }) => body)).toEqual(['Hello', 'Hi', 'I am in a tunnel', 'Are you there?']);
    expect(device.engine.conversation(bob)).toMatchObject({ unread: 1 });
  }
  a2.engine.markRead(bob);
  await party.settle();
  const a4 = party.start(ALICE);
  await party.settle();
  for (const device of [a, a2, a3, a4]) expect(device.engine.conversation(bob)).toMatchObject({ unread: 0 });
});

test('another client tells by when it was sent that something late was read, before or after it comes', async () => {
  const link = new Link();
  const [a, b] = await party.acquainted();
  const away = await party.restart(b, BOB, { link });
  link.setOpen(false);
  away.engine.send(alice, 'I am in a tunnel');
  const { sentAt } = texts(away, alice).at(-1)!;
  await party.clock.advance(600_000);
  link.setOpen(true);
  await party.settle();
  expect(a.engine.conversation(bob)).toMatchObject({ unread: 1 });
  const mark = (until: number) => markReadUntil(bob, until, party.clock.now(), a.store, new Touched());
  mark(sentAt - 1);
  expect(a.engine.conversation(bob)).toMatchObject({ unread: 1 });
  expect(mark(sentAt)).toEqual([sentAt]);
  expect(a.engine.conversation(bob)).toMatchObject({ unread: 0 });
  const state = a.store.conversations.state(bob)!;
  expect(isRead(sentAt, party.clock.now(), state)).toBe(true);
  expect(isRead(sentAt + 1, party.clock.now(), state)).toBe(false);
});

test('messages that cross each other are unread on both sides; neither clock has started, and both are told as read', async () => {
  const [a, b] = await party.acquainted();
  for (const { engine } of [a, b]) engine.setSettings({ readReceipts: true });
  b.engine.setDisappearing(alice, { mode: 'after-read', seconds: 3600 });
  await party.settle();
  b.engine.send(alice, 'one');
  await party.clock.advance(10);
  a.engine.send(bob, 'two');
  await party.clock.advance(10 * 60_000);
  expect(a.engine.conversation(bob)).toMatchObject({ unread: 1 });
  expect(texts(a, bob).find(({ body }) => body === 'one')).toMatchObject({ expiry: { at: null } });
  a.engine.markRead(bob);
  await party.settle();
  expect(texts(a, bob).find(({ body }) => body === 'one')).toMatchObject({ expiry: { at: expect.any(Number) } });
  expect(b.engine.conversation(alice)).toMatchObject({ unread: 1 });
  expect(texts(b, alice).find(({ body }) => body === 'one')).toMatchObject({ read: true });
});

test('who answers has read what was there, and our other device hears of it', async () => {
  const [a, b] = await party.acquainted();
  const a2 = party.start(ALICE);
  await party.settle();
  b.engine.send(alice, 'Are you there?');
  await party.settle();
  for (const device of [a, a2]) expect(device.engine.conversation(bob)).toMatchObject({ unread: 1 });
  a.engine.send(bob, 'Yes');
  expect(a.engine.conversation(bob)).toMatchObject({ unread: 0 });
  await party.settle();
  expect(a2.engine.conversation(bob)).toMatchObject({ unread: 0 });
});
