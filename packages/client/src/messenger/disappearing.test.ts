import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALICE, alice, BOB, bob, Party } from '../testing/party.ts';
import { bodies, texts } from '../testing/person.ts';
import { Link } from '../testing/post-office.ts';

const HOUR = 3600;
const HOUR_MS = 3_600_000;
let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

test('what was deleted is forgotten only by the time of the network', async () => {
  const link = new Link();
  link.setOpen(false);
  const a = party.start(ALICE, { link });
  const target = { author: bob, sentAt: 5 };
  a.store.tombstones.addUnsent(target, 5);
  await party.clock.advance(180_000);
  expect(a.store.tombstones.isUnsent(target)).toBe(true);
  link.setOpen(true);
  await party.clock.until(() => !a.store.tombstones.isUnsent(target));
});

test('after sending: gone on all devices and nodes when the time is over, over restarts', async () => {
  // Half a day of polling would take the test long.
  party.office.isWaiting = true;
  let [a, b] = await party.acquainted();
  const a2 = party.start(ALICE);
  await party.settle();
  a.engine.setDisappearing(bob, { mode: 'after-send', seconds: 12 * HOUR });
  expect(a.engine.send(bob, 'soon gone').expiry).toEqual({ mode: 'after-send', seconds: 12 * HOUR, at: null });
  await party.settle();
  const gone = party.clock.now() + 12 * HOUR_MS;
  for (const [device, other] of [
    [a, bob],
    [a2, bob],
    [b, alice],
  ] as const) {
    const { expiry } = texts(device, other).at(-1)!;
    expect(Math.abs(expiry!.at! - gone)).toBeLessThan(30_000);
  }
  expect(a2.engine.conversation(bob)).toMatchObject({ disappearing: { mode: 'after-send', seconds: 12 * HOUR } });
  expect(b.engine.conversation(alice)).toMatchObject({
    disappearing: null,
    theirDisappearing: { mode: 'after-send', seconds: 12 * HOUR },
  });
  for (const device of [a2, b]) {
    const lines = device.engine
      .messages(device === b ? alice : bob)
      .messages.filter(({ kind }) => kind === 'timer-changed');
    expect(lines).toMatchObject([{ author: alice, timer: { mode: 'after-send', seconds: 12 * HOUR } }]);
  }
  const ttls = party.office.mailbox(bob).map(({ timestamp, expiry }) => expiry - timestamp);
  expect(ttls).toContain(12 * HOUR_MS);
  b.engine.send(alice, 'stays');
  await party.clock.advance(11 * HOUR_MS);
  b = await party.restart(b, BOB);
  party.clock.set(2 * HOUR_MS);
  a = await party.restart(a, ALICE);
  await party.clock.advance(60_000);
  expect(bodies(a, bob)).toEqual(['Hello', 'Hi', 'stays']);
  expect(bodies(a2, bob)).toEqual(['Hello', 'Hi', 'stays']);
  expect(bodies(b, alice)).toEqual(['Hello', 'Hi', 'stays']);
  // A copy that comes late again brings nothing back.
  const late = party.start(BOB);
  await party.clock.until(() => bodies(late, alice).length === 3);
  expect(bodies(late, alice)).toEqual(['Hello', 'Hi', 'stays']);
}, 120_000);

test('after reading: the clock starts when it is read, and the mailbox forgets with it', async () => {
  const [a, b] = await party.acquainted();
  b.engine.setDisappearing(alice, { mode: 'after-read', seconds: 300 });
  b.engine.send(alice, 'burn');
  await party.settle();
  const received = texts(a, bob).at(-1)!;
  expect(received.expiry).toEqual({ mode: 'after-read', seconds: 300, at: null });
  await party.clock.advance(HOUR_MS);
  expect(bodies(a, bob)).toContain('burn');
  expect(bodies(b, alice)).not.toContain('burn');
  const read = party.clock.now();
  a.engine.markRead(bob);
  expect(texts(a, bob).at(-1)!.expiry).toEqual({ mode: 'after-read', seconds: 300, at: read + 300_000 });
  await party.settle();
  const inMailbox = party.office.mailbox(alice).filter(({ expiry }) => expiry === read + 300_000);
  expect(inMailbox).toHaveLength(1);
  // Another device that sees it now for the first time does not keep it longer.
  const a2 = party.start(ALICE);
  await party.clock.advance(290_000);
  expect(bodies(a, bob)).not.toContain('burn');
  await party.clock.advance(20_000);
  a2.engine.markRead(bob);
  await party.settle();
  await party.clock.advance(300_000);
  expect(bodies(a2, bob)).not.toContain('burn');
}, 120_000);

test('a setting is one of each side, turned off again, with one line for each', async () => {
  const [a, b] = await party.acquainted();
  a.engine.setDisappearing(bob, { mode: 'after-read', seconds: 300 });
  await party.clock.advance(5000);
  a.engine.setDisappearing(bob, { mode: 'after-send', seconds: 86_400 });
  b.engine.setDisappearing(alice, { mode: 'after-send', seconds: 86_400 });
  await party.settle();
  const lines = (device: typeof a, id: string) =>
    device.engine
      .messages(id)
      .messages.flatMap(({ kind, author, timer }) => (kind === 'timer-changed' ? [{ author, timer }] : []));
  const day = { mode: 'after-send', seconds: 86_400 };
  expect(lines(b, alice)).toEqual(
    expect.arrayContaining([
      { author: alice, timer: day },
      { author: bob, timer: day },
    ]),
  );
  expect(lines(b, alice)).toHaveLength(2);
  expect(a.engine.conversation(bob)).toMatchObject({ disappearing: day, theirDisappearing: null });
  a.engine.setDisappearing(bob, null);
  await party.settle();
  expect(lines(b, alice)).toContainEqual({ author: alice, timer: null });
  expect(a.engine.send(bob, 'stays').expiry).toBeNull();
  expect(b.engine.conversation(alice)).toMatchObject({ disappearing: day, theirDisappearing: null });
  for (const seconds of [0, -1, 1.5, Number.NaN]) {
    expect(() => a.engine.setDisappearing(bob, { mode: 'after-send', seconds })).toThrow(
      expect.objectContaining({ code: 'bad-setting' }),
    );
  }
  a.engine.openConversation(alice);
  expect(() => a.engine.setDisappearing(alice, { mode: 'after-read', seconds: 60 })).toThrow(
    expect.objectContaining({ code: 'bad-setting' }),
  );
});

test('notes to self disappear on all devices', async () => {
  const [a, a2] = [party.start(ALICE), party.start(ALICE)];
  a.engine.send(alice, 'stays');
  await party.clock.advance(1000);
  a.engine.setDisappearing(alice, { mode: 'after-send', seconds: 60 });
  a.engine.send(alice, 'note');
  await party.settle();
  expect(bodies(a2, alice)).toEqual(['stays', 'note']);
  expect(a2.engine.conversation(alice)).toMatchObject({ disappearing: { mode: 'after-send', seconds: 60 } });
  await party.clock.advance(60_000);
  expect([...bodies(a, alice), ...bodies(a2, alice)]).toEqual(['stays', 'stays']);
});

test('what a node says about the end is believed only as far as it can be true', async () => {
  const [a] = await party.acquainted();
  const content = { dataMessage: { body: 'x' }, expirationType: 2 as const, expirationTimer: 1000 };
  const sentAt = party.clock.now();
  party.drop(BOB, alice, content, sentAt);
  await party.settle();
  const { at } = texts(a, bob).at(-1)!.expiry!;
  expect(at).toBeGreaterThanOrEqual(sentAt + 1_000_000);
  expect(at).toBeLessThanOrEqual(party.clock.now() + 1_000_000);
});
