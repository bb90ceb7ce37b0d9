import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALICE, alice, BOB, bob, EVE, Party } from '../testing/party.ts';
import { texts } from '../testing/person.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

test('typing is told and shown only if both chose so, and ends by itself or with the message', async () => {
  const [a, b] = await party.acquainted();
  let told = 0;
  party.office.fate = (method, accountId) => {
    if (method === 'store' && accountId === bob) told++;
    return 'delivered';
  };
  const isShown = () => b.engine.conversation(alice)!.isTyping;
  a.engine.noteTyping(bob);
  await party.clock.advance(3000);
  expect(told).toBe(0);
  a.engine.setSettings({ typingIndicators: true });
  a.engine.noteTyping(bob);
  await party.clock.advance(3000);
  expect(told).toBe(1);
  expect(isShown()).toBe(false);
  b.engine.setSettings({ typingIndicators: true });
  for (let second = 0; second < 25; second++) {
    a.engine.noteTyping(bob);
    await party.clock.advance(1000);
    if (second > 15) expect(isShown()).toBe(true);
  }
  // Once every ten seconds, however many keys are pressed.
  expect(told).toBeLessThanOrEqual(4);
  await party.clock.advance(18_000);
  expect(isShown()).toBe(false);
  a.engine.noteTyping(bob);
  await party.clock.until(isShown);
  told = 0;
  a.engine.send(bob, 'done');
  await party.clock.until(() => texts(b, alice).at(-1)!.body === 'done');
  expect(isShown()).toBe(false);
  await party.clock.advance(20_000);
  // The message; nobody says "stopped".
  expect(told).toBe(1);
  expect(a.engine.conversations().some(({ isTyping }) => isTyping)).toBe(false);
});

test('typing is not told any more once that is switched off, however long somebody goes on', async () => {
  const [a] = await party.acquainted();
  a.engine.setSettings({ typingIndicators: true });
  a.engine.noteTyping(bob);
  await party.clock.advance(1000);
  a.engine.setSettings({ typingIndicators: false });
  let told = 0;
  party.office.fate = (method, accountId) => {
    if (method === 'store' && accountId === bob) told++;
    return 'delivered';
  };
  for (let second = 0; second < 25; second++) {
    a.engine.noteTyping(bob);
    await party.clock.advance(1000);
  }
  expect(told).toBe(0);
});

test('typing is neither told to strangers nor shown of them, and one that was told and forgotten ends', async () => {
  const [a, e] = [party.start(ALICE), party.start(EVE)];
  for (const { engine } of [a, e]) engine.setSettings({ typingIndicators: true });
  a.engine.send(e.account.accountId, 'Hello');
  await party.settle();
  a.engine.noteTyping(e.account.accountId);
  e.engine.noteTyping(alice);
  await party.clock.advance(5000);
  expect(a.engine.conversation(e.account.accountId)!.isTyping).toBe(false);
  expect(e.engine.conversation(alice)!.isTyping).toBe(false);
  const now = party.clock.now();
  party.drop(EVE, alice, { typingMessage: { timestamp: BigInt(now), action: 0 } }, now);
  await party.clock.until(() => a.engine.conversation(e.account.accountId)!.isTyping);
  await party.clock.advance(15_000);
  expect(a.engine.conversation(e.account.accountId)!.isTyping).toBe(false);
});

test('receipts are sent and believed only by who chose so, survive restarts, and name edited messages', async () => {
  let [a, b] = await party.acquainted();
  a.engine.setSettings({ readReceipts: true });
  const one = a.engine.send(bob, 'one');
  await party.settle();
  b.engine.markRead(alice);
  await party.settle();
  expect(texts(a, bob).at(-1)).toMatchObject({ body: 'one', read: false });
  b.engine.setSettings({ readReceipts: true });
  a.engine.send(bob, 'two');
  a.engine.edit(a.engine.send(bob, 'thr').id, 'three');
  await party.settle();
  expect(b.engine.conversation(alice)).toMatchObject({ unread: 2 });
  party.office.setOpen(false);
  b.engine.markRead(alice);
  b = await party.restart(b, BOB);
  a = await party.restart(a, ALICE);
  party.office.setOpen(true);
  await party.settle();
  expect(texts(a, bob).slice(-3)).toMatchObject([
    { id: one.id, read: false },
    { body: 'two', read: true },
    { body: 'three', read: true },
  ]);
  expect(b.engine.conversation(alice)).toMatchObject({ unread: 0 });
  // A device that reads all this later knows it, too, whatever comes first.
  const a2 = party.start(ALICE);
  a2.engine.setSettings({ readReceipts: true });
  await party.settle();
  expect(texts(a2, bob).slice(-2)).toMatchObject([{ read: true }, { read: true }]);
});

test('what was read on one device is read by its answer on the other, and may be marked unread again', async () => {
  const [a, b] = await party.acquainted();
  const a2 = party.start(ALICE);
  b.engine.send(alice, 'question');
  await party.settle();
  expect(a2.engine.conversation(bob)!.unread).toBe(1);
  a.engine.send(bob, 'answer');
  await party.settle();
  expect(a.engine.conversation(bob)).toMatchObject({ unread: 0, markedUnread: false });
  expect(a2.engine.conversation(bob)).toMatchObject({ unread: 0 });
  a.engine.markUnread(bob);
  expect(a.engine.conversation(bob)).toMatchObject({ unread: 0, markedUnread: true });
  a.engine.markRead(bob);
  expect(a.engine.conversation(bob)).toMatchObject({ markedUnread: false });
});
