import { accountIdToBytes } from '@sotto/wire/account';
import { encodeContent } from '@sotto/wire/content';
import { sealMessage } from '@sotto/wire/message';
import { messageHash } from '@sotto/wire/rpc';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../engine.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import {
  accountOf,
  bodies,
  copyOf,
  type Device,
  type DeviceOptions,
  discard,
  startDevice,
  texts,
} from '../testing/person.ts';
import { PostOffice } from '../testing/post-office.ts';
import { seededRandom } from '../testing/seeded-random.ts';

const ALICE = 1;
const BOB = 2;
const alice = accountOf(ALICE).accountId;
const bob = accountOf(BOB).accountId;

let clock: ManualClock;
let office: PostOffice;
let devices: Device[];

beforeEach(() => {
  clock = new ManualClock(1_790_000_000_000);
  office = new PostOffice(clock);
  devices = [];
});

afterEach(async () => {
  await Promise.all(devices.map(discard));
  expect(devices.flatMap(({ warnings }) => warnings)).toEqual([]);
});

function start(person: number, options: Partial<DeviceOptions> = {}): Device {
  const device = startDevice({ clock, office, person, ...options });
  devices.push(device);
  return device;
}

/** Puts a message into a mailbox as a foreign client would. */
function drop(from: number, to: string, content: Parameters<typeof encodeContent>[0], sentAt = clock.now()): string {
  const random = seededRandom(`foreign ${office.kept[0]!.length} ${sentAt}`);
  const data = sealMessage({
    content: encodeContent(content),
    timestamp: sentAt,
    sender: accountOf(from),
    recipient: to,
    random,
  });
  return keep(to, data);
}

function keep(to: string, data: Uint8Array): string {
  const hash = messageHash(accountIdToBytes(to), 0, data);
  const expiry = clock.now() + 1_209_600_000;
  for (const kept of office.kept) {
    kept.push({ accountId: to, namespace: 0, hash, data, timestamp: clock.now(), expiry });
  }
  return hash;
}

describe('a text', () => {
  test('goes from one to the other, with the name, as a request until it is answered', async () => {
    const [a, b] = [start(ALICE), start(BOB)];
    const sent = a.engine.send(bob, 'Hello');
    expect(sent).toMatchObject({ direction: 'out', delivery: 'waiting', failure: null, author: alice });
    await clock.until(() => bodies(b, alice).length === 1);
    expect(a.engine.messages(bob).messages).toMatchObject([{ id: sent.id, delivery: 'stored' }]);
    expect(b.engine.conversations()).toMatchObject([
      { id: alice, name: 'Person 1', isRequest: true, unread: 1, isNoteToSelf: false, lastMessage: { body: 'Hello' } },
    ]);
    expect(a.engine.conversation(bob)).toMatchObject({ name: null, isRequest: false, unread: 0 });
    b.engine.markRead(alice);
    b.engine.send(alice, 'Hi');
    await clock.until(() => bodies(a, bob).length === 2);
    expect(b.engine.conversation(alice)).toMatchObject({ isRequest: false, unread: 0 });
    expect(a.engine.conversation(bob)).toMatchObject({ name: 'Person 2', isRequest: false, unread: 1 });
    expect(bodies(a, bob)).toEqual(['Hello', 'Hi']);
  });

  test('of the other device of an account appears as sent there, read, and no request', async () => {
    const [a1, a2, b] = [start(ALICE), start(ALICE), start(BOB)];
    b.engine.send(alice, 'Are you there?');
    await clock.until(() => bodies(a1, bob).length === 1 && bodies(a2, bob).length === 1);
    expect(a2.engine.conversation(bob)).toMatchObject({ isRequest: true, unread: 1 });
    a1.engine.send(bob, 'Yes');
    await clock.until(() => bodies(a2, bob).length === 2 && bodies(b, alice).length === 2);
    const [, copy] = texts(a2, bob);
    expect(copy).toMatchObject({ direction: 'out', delivery: 'stored', author: alice, body: 'Yes' });
    expect(a2.engine.conversation(bob)).toMatchObject({ isRequest: false, name: 'Person 2' });
    await clock.advance(20_000);
    expect(a2.engine.conversation(bob)).toMatchObject({ unread: 0 });
    expect(bodies(a1, bob)).toEqual(['Are you there?', 'Yes']);
    expect(bodies(b, alice)).toEqual(['Are you there?', 'Yes']);
  });

  test('to oneself is stored once and reaches the other device', async () => {
    const [a1, a2] = [start(ALICE), start(ALICE)];
    a1.engine.send(alice, 'Milk');
    await clock.until(() => bodies(a2, alice).length === 1);
    await clock.advance(20_000);
    expect(office.mailbox(alice)).toHaveLength(1);
    expect(bodies(a1, alice)).toEqual(['Milk']);
    expect(a2.engine.conversation(alice)).toMatchObject({ isNoteToSelf: true, isRequest: false, unread: 0 });
    expect(a1.engine.messages(alice).messages).toMatchObject([{ delivery: 'stored' }]);
  });

  test('has a timestamp of its own however fast one writes, and keeps its order', async () => {
    const [a, b] = [start(ALICE), start(BOB)];
    const texts = Array.from({ length: 30 }, (_, index) => `${index}`);
    const times = texts.map((text) => a.engine.send(index(text) % 2 ? bob : alice, text).sentAt);
    expect(new Set(times).size).toBe(30);
    await clock.until(() => bodies(b, alice).length === 15, 120_000);
    expect(bodies(b, alice)).toEqual(texts.filter((text) => index(text) % 2));
    expect(bodies(a, alice)).toEqual(texts.filter((text) => index(text) % 2 === 0));
  });

  test('that is unfit is refused before it is stored', () => {
    const a = start(ALICE);
    expect(() => a.engine.send('05xyz', 'Hi')).toThrow(expect.objectContaining({ code: 'bad-account-id' }));
    expect(() => a.engine.send(bob, ' \n\t ')).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => a.engine.send(bob, '😀'.repeat(2001))).toThrow(expect.objectContaining({ code: 'too-long' }));
    expect(() => a.engine.retry('7')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(a.engine.conversations()).toEqual([]);
    expect(a.engine.send(` ${bob.toUpperCase()} `, '😀'.repeat(2000)).conversationId).toBe(bob);
  });
});

const index = Number;

describe('the outbox', () => {
  test('keeps what was written without a network and sends it in order when it is back', async () => {
    const [a, b] = [start(ALICE), start(BOB)];
    office.setOpen(false);
    for (const text of ['one', 'two', 'three']) a.engine.send(bob, text);
    await clock.advance(3_600_000);
    expect(a.engine.messages(bob).messages.map(({ delivery }) => delivery)).toEqual(['waiting', 'waiting', 'waiting']);
    const from = copyOf(a);
    await discard(a);
    devices.splice(devices.indexOf(a), 1);
    const again = start(ALICE, { from });
    office.setOpen(true);
    await clock.until(() => bodies(b, alice).length === 3);
    expect(bodies(b, alice)).toEqual(['one', 'two', 'three']);
    await clock.until(() => again.engine.messages(bob).messages.every(({ delivery }) => delivery === 'stored'));
  });

  test('tries again, less and less often, and sends within seconds of being connected again', async () => {
    const a = start(ALICE);
    const attempts: number[] = [];
    office.fate = (method, accountId) => {
      if (method === 'store' && accountId === bob) attempts.push(clock.now());
      return method === 'store' ? 'unreachable' : 'delivered';
    };
    a.engine.send(bob, 'Hi');
    await clock.advance(3_600_000);
    const pauses = attempts.slice(1).map((at, place) => at - attempts[place]!);
    expect(pauses[0]).toBeLessThan(3000);
    expect(pauses.at(-1)).toBeGreaterThan(200_000);
    expect(attempts.length).toBeLessThan(30);
    office.fate = () => 'delivered';
    office.setOpen(false);
    await clock.advance(1000);
    office.setOpen(true);
    await clock.advance(1000);
    expect(a.engine.messages(bob).messages).toMatchObject([{ delivery: 'stored' }]);
  });

  test('fails with a reason when nodes refuse or a day has passed, goes on with the rest, and may be told to retry', async () => {
    const seldom = { idleMs: 3_600_000, activeMs: 3_600_000 };
    const [a, b] = [start(ALICE, { polling: seldom }), start(BOB, { polling: seldom })];
    office.fate = (method) => (method === 'store' ? 'refused' : 'delivered');
    const first = a.engine.send(bob, 'first');
    await clock.until(() => a.engine.messages(bob).messages[0]!.delivery === 'failed');
    expect(a.engine.messages(bob).messages).toMatchObject([{ failure: 'refused' }]);
    office.fate = (method) => (method === 'store' ? 'unreachable' : 'delivered');
    a.engine.send(bob, 'second');
    await clock.advance(25 * 3_600_000);
    expect(a.engine.messages(bob).messages[1]).toMatchObject({ delivery: 'failed', failure: 'network-unreachable' });
    office.fate = () => 'delivered';
    expect(a.engine.retry(first.id)).toMatchObject({ delivery: 'waiting', failure: null });
    await clock.until(() => b.engine.conversations().length === 1, 2 * 3_600_000);
    expect(bodies(b, alice)).toEqual(['first']);
    expect(a.engine.retry(first.id)).toMatchObject({ delivery: 'stored' });
  });

  test('goes on trying when the clock is set back, and does not count sleep as trying', async () => {
    const a = start(ALICE);
    office.fate = (method) => (method === 'store' ? 'unreachable' : 'delivered');
    a.engine.send(bob, 'Hi');
    await clock.advance(60_000);
    // Two days with the lid closed.
    clock.set(2 * 86_400_000);
    await clock.advance(300_000);
    expect(a.engine.messages(bob).messages).toMatchObject([{ delivery: 'waiting' }]);
    clock.set(-400 * 86_400_000);
    office.fate = () => 'delivered';
    await clock.advance(600_000);
    expect(a.engine.messages(bob).messages).toMatchObject([{ delivery: 'stored' }]);
  });

  test('does not take what the other device wrote at the same moment for what waits here', async () => {
    const [a, b] = [start(ALICE), start(BOB)];
    office.fate = (method) => (method === 'store' ? 'unreachable' : 'delivered');
    const { sentAt } = a.engine.send(bob, 'from this device');
    drop(ALICE, alice, { dataMessage: { body: 'from the other', syncTarget: bob } }, sentAt);
    await clock.advance(10_000);
    office.fate = () => 'delivered';
    await clock.until(() => bodies(b, alice).length === 1);
    expect(bodies(b, alice)).toEqual(['from this device']);
  });

  test('says that the clock is wrong, and that nobody has this account id', async () => {
    const a = start(ALICE);
    office.fate = (method) => (method === 'store' ? 'clock-wrong' : 'delivered');
    a.engine.send(bob, 'Hi');
    await clock.advance(1000);
    expect(a.engine.messages(bob).messages).toMatchObject([{ failure: 'clock-wrong' }]);
    a.engine.send(`05${'00'.repeat(32)}`, 'Hi');
    await clock.advance(1000);
    expect(a.engine.messages(`05${'00'.repeat(32)}`).messages).toMatchObject([{ failure: 'refused' }]);
  });

  test('whose answers get lost shows nothing twice, at the receiver or on any device', async () => {
    const [a1, a2, b] = [start(ALICE), start(ALICE), start(BOB)];
    let lost = 0;
    office.fate = (method) => (method === 'store' && lost++ < 5 ? 'answer-lost' : 'delivered');
    a1.engine.send(bob, 'once');
    a1.engine.send(alice, 'note');
    await clock.advance(300_000);
    expect(office.mailbox(bob).length).toBeGreaterThan(1);
    for (const device of [a1, a2]) {
      expect(bodies(device, bob)).toEqual(['once']);
      expect(bodies(device, alice)).toEqual(['note']);
    }
    expect(bodies(b, alice)).toEqual(['once']);
    expect(a1.engine.messages(bob).messages).toMatchObject([{ delivery: 'stored' }]);
  });
});

describe('the inbox', () => {
  test('reads everything from a node that has more than fits into an answer', async () => {
    for (let number = 0; number < 57; number++)
      drop(BOB, alice, { dataMessage: { body: `${number}` } }, clock.now() + number);
    const a = start(ALICE);
    await clock.advance(10_000);
    expect(bodies(a, bob)).toEqual(Array.from({ length: 57 }, (_, number) => `${number}`));
    const before = office.seen.length;
    await clock.advance(60_000);
    // After that it asks for news only.
    expect(office.seen.length - before).toBeLessThan(200);
    expect(a.engine.conversation(bob)?.unread).toBe(57);
  });

  test('drops what the rules forbid, and shows what is right among it', async () => {
    const now = clock.now();
    const eve = accountOf(3).accountId;
    drop(3, alice, { dataMessage: { body: 'wrong time' }, sigTimestamp: BigInt(now + 1) }, now);
    drop(3, alice, { dataMessage: { body: 'as if alice had sent it', syncTarget: bob } }, now + 2);
    drop(3, alice, { dataMessage: { body: '   ' } }, now + 3);
    drop(3, alice, { dataMessage: { body: 'odd flags', flags: 1 } }, now + 4);
    drop(3, alice, { dataMessage: { body: 'timer', flags: 2 } }, now + 5);
    drop(3, alice, { typingMessage: { timestamp: BigInt(now + 6), action: 0 } }, now + 6);
    drop(3, alice, { messageRequestResponse: { isApproved: true, profile: { displayName: 'Eve' } } }, now + 7);
    drop(3, alice, {}, now + 8);
    drop(ALICE, alice, { receiptMessage: { type: 1, timestamp: [1n] } }, now + 9);
    drop(ALICE, alice, { dataMessage: { body: 'bad target', syncTarget: '05zz' } }, now + 10);
    keep(alice, Uint8Array.of(0, 2, 1, 2, 3));
    keep(alice, new Uint8Array(200).fill(1));
    drop(BOB, eve, { dataMessage: { body: 'for somebody else' } }, now + 11);
    drop(BOB, alice, { dataMessage: { body: 'right' }, sigTimestamp: BigInt(now + 12) }, now + 12);
    const a = start(ALICE);
    await clock.advance(10_000);
    expect(a.engine.conversations().map(({ id }) => id)).toEqual([bob]);
    expect(bodies(a, bob)).toEqual(['right']);
  });

  test('shows a message once however often it comes, and cuts one that is too long', async () => {
    const now = clock.now();
    for (let copy = 0; copy < 3; copy++) drop(BOB, alice, { dataMessage: { body: 'same' } }, now);
    drop(BOB, alice, { dataMessage: { body: '😀'.repeat(10_001) } }, now + 1);
    const a = start(ALICE);
    await clock.advance(10_000);
    expect(bodies(a, bob)).toEqual(['same', '😀'.repeat(10_000)]);
  });

  test('keeps the order of sending when messages come late, and a time in the future pins nothing', async () => {
    const [a, b] = [start(ALICE), start(BOB)];
    const now = clock.now();
    drop(BOB, alice, { dataMessage: { body: 'second' } }, now - 1000);
    await clock.advance(6000);
    drop(BOB, alice, { dataMessage: { body: 'first' } }, now - 2000);
    drop(3, alice, { dataMessage: { body: 'from the future' } }, now + 10 ** 12);
    await clock.advance(6000);
    drop(BOB, alice, { dataMessage: { body: 'third' } }, clock.now());
    await clock.advance(6000);
    expect(bodies(a, bob)).toEqual(['first', 'second', 'third']);
    expect(a.engine.conversations().map(({ id }) => id)).toEqual([bob, accountOf(3).accountId]);
    drop(BOB, alice, { dataMessage: { body: 'no date of any calendar' } }, Number.MAX_SAFE_INTEGER);
    await clock.advance(6000);
    const arrived = clock.now();
    b.engine.send(alice, 'fourth');
    await clock.until(() => bodies(a, bob).length === 5);
    a.engine.send(bob, 'fifth');
    expect(bodies(a, bob)).toEqual(['first', 'second', 'third', 'no date of any calendar', 'fourth', 'fifth']);
    expect(a.engine.messages(bob).messages[3]!.sentAt).toBeLessThanOrEqual(arrived);
    expect(a.engine.conversation(bob)?.lastMessage).toMatchObject({ body: 'fifth' });
  });

  test('takes a newer name and not an older one', async () => {
    const named = (name: string, seconds: number) => ({
      dataMessage: { body: name, profile: { displayName: name, lastUpdateSeconds: BigInt(seconds) } },
    });
    drop(BOB, alice, named('New', 2000), clock.now());
    drop(BOB, alice, named('Old', 1000), clock.now() + 1);
    const a = start(ALICE);
    await clock.advance(10_000);
    expect(a.engine.conversation(bob)?.name).toBe('New');
    drop(BOB, alice, named('Newest, in ms', 4_000_001_000), clock.now());
    await clock.advance(6000);
    expect(a.engine.conversation(bob)?.name).toBe('Newest, in ms');
    drop(BOB, alice, named('Older again', 5000), clock.now());
    await clock.advance(6000);
    expect(a.engine.conversation(bob)?.name).toBe('Newest, in ms');
    drop(BOB, alice, named('\u202e\u001b[2JEve\nBob\u0000', 4_000_002_000), clock.now());
    await clock.advance(6000);
    expect(a.engine.conversation(bob)?.name).toBe('[2JEve Bob');
  });
});

test('a full disk refuses a text whole, loses nothing that comes, and is no end', async () => {
  const [a, b] = [start(ALICE), start(BOB)];
  a.engine.send(bob, 'before');
  await clock.until(() => bodies(b, alice).length === 1);
  a.database.script('PRAGMA max_page_count = 1');
  const long = '😀'.repeat(2000);
  expect(() => a.engine.send(bob, long)).toThrow(expect.objectContaining({ code: 'disk-full' }));
  for (let number = 0; number < 3; number++) b.engine.send(alice, long);
  await clock.advance(60_000);
  expect(bodies(a, bob)).toEqual(['before']);
  a.database.script('PRAGMA max_page_count = 100000');
  await clock.advance(60_000);
  expect(bodies(a, bob)).toEqual(['before', long, long, long]);
  a.engine.send(bob, 'after');
  await clock.until(() => bodies(b, alice).includes('after'), 120_000);
  expect(a.warnings).toContain('could not take messages');
  devices = devices.filter((device) => device !== a);
  await discard(a);
});

describe('polling', () => {
  test('is slower in quiet times, follows activity at once, and stops with the engine', async () => {
    const a = start(ALICE);
    const rate = async (ms: number) => {
      const before = office.seen.length;
      await clock.advance(ms);
      return (office.seen.length - before) / 2 / (ms / 1000);
    };
    await clock.advance(120_000);
    const quiet = await rate(600_000);
    expect(quiet).toBeGreaterThan(1 / 6.2);
    expect(quiet).toBeLessThan(1 / 4);
    a.engine.markRead(bob);
    const active = await rate(50_000);
    expect(active).toBeGreaterThan(1 / 1.4);
    await a.engine.close();
    expect(await rate(60_000)).toBe(0);
  });
});

describe('the interface', () => {
  test('tells changes in order, misses none, and ends with the engine', async () => {
    const [a, b] = [start(ALICE), start(BOB)];
    const changes: Change[] = [];
    const reading = (async () => {
      for await (const change of a.engine.changes()) changes.push(change);
    })();
    a.engine.setName('Alice');
    a.engine.send(bob, 'Hi');
    await clock.until(() => bodies(b, alice).length === 1);
    b.engine.send(alice, 'Hello');
    await clock.until(() => bodies(a, bob).length === 2);
    await a.engine.close();
    await reading;
    expect(changes[0]).toEqual({ kind: 'account' });
    const states = changes.flatMap((change) =>
      change.kind === 'message' && change.message.body === 'Hi' ? [change.message.delivery] : [],
    );
    expect(states).toEqual(['waiting', 'sending', 'stored']);
    expect(changes.some((change) => change.kind === 'message' && change.message.body === 'Hello')).toBe(true);
    expect(() => a.engine.account()).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(() => a.engine.send(bob, 'x')).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(() => a.engine.recoveryPhrase()).toThrow(expect.objectContaining({ code: 'closed' }));
    await a.engine.close();
  });

  test('pages through a long conversation without gaps', async () => {
    const a = start(ALICE);
    office.setOpen(false);
    const texts = Array.from({ length: 123 }, (_, number) => `${number}`);
    for (const text of texts) a.engine.send(bob, text);
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page: ReturnType<typeof a.engine.messages> = a.engine.messages(
        bob,
        before ? { before, limit: 25 } : { limit: 25 },
      );
      seen.unshift(...page.messages.map(({ body }) => body));
      before = page.before;
    } while (before !== null);
    expect(seen).toEqual(texts);
    expect(a.engine.messages(bob, { before: 'nonsense' })).toEqual({ messages: [], before: null });
    expect(a.engine.messages(bob, { limit: 100_000 }).messages).toHaveLength(123);
  });

  test('keeps names, settings and an opened conversation over a restart', async () => {
    const a = start(ALICE);
    a.engine.setName('  Alice ');
    a.engine.setSettings({ theme: 'dark', phraseConfirmed: true });
    expect(a.engine.openConversation(bob)).toMatchObject({ id: bob, unread: 0, lastMessage: null, isRequest: false });
    expect(() => a.engine.openConversation('x')).toThrow(expect.objectContaining({ code: 'bad-account-id' }));
    expect(() => a.engine.setName('é'.repeat(51))).toThrow(expect.objectContaining({ code: 'bad-name' }));
    const again = start(ALICE, { from: copyOf(a) });
    expect(again.engine.account()).toMatchObject({ accountId: alice, name: 'Alice' });
    expect(again.engine.settings()).toMatchObject({ theme: 'dark', language: 'en', phraseConfirmed: true });
    expect(again.engine.conversations().map(({ id }) => id)).toEqual([bob]);
    expect(again.engine.recoveryPhrase().split(' ')).toHaveLength(13);
  });
});
