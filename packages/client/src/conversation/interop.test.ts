import { concatBytes } from '@sotto/wire/bytes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLIENTS, field as f, fixed64, type Habits, varint } from '../testing/foreign-client.ts';
import { ALICE, alice, BOB, bob, EVE, eve, Party } from '../testing/party.ts';
import { bodies, type Device, texts } from '../testing/person.ts';

let party: Party;
let device: Device;
let at: number;

/** Alice's messenger is ours; Bob and her second device run other clients. They know each other. */
beforeEach(async () => {
  party = new Party();
  device = party.start(ALICE);
  device.engine.setSettings({ readReceipts: true, typingIndicators: true });
  device.engine.send(bob, 'Hello');
  at = party.clock.now();
  await party.settle();
});

afterEach(() => party.end());

type Contents = readonly Uint8Array[];

interface Drop {
  readonly habits?: Habits;
  readonly from?: number;
  /** What the content says of its time; `null` for nothing. */
  readonly signed?: number | null;
}

/** Puts a content with these fields into Alice's mailbox. @returns its sent time */
function drop(fields: Contents, { habits = CLIENTS.desktop, from = BOB, signed }: Drop = {}): number {
  const sentAt = ++at;
  const time = signed === null ? [] : [f(15, signed ?? sentAt)];
  party.dropBytes(habits, from, alice, concatBytes(...fields, ...time), sentAt);
  return sentAt;
}

const shown = () => bodies(device, bob).slice(1);
const last = () => texts(device, bob).at(-1)!;
/** As clients write them on every message. */
const androidExtras = [f(12, 0), f(13, 0)];

describe('a text', () => {
  test.each(Object.entries(CLIENTS))('as clients of the kind "%s" wrap it', async (_, habits) => {
    drop([f(1, f(1, 'Hi')), ...androidExtras], { habits });
    drop([f(1, f(1, 'x'.repeat(158)))], { habits });
    await party.settle();
    expect(shown()).toEqual(['Hi', 'x'.repeat(158)]);
  });

  test('with everything around it that is not for us', async () => {
    const profile = f(101, f(1, 'Bob'), f(2, ''), f(3, 1_767_225_500));
    drop([f(1, f(1, 'Android'), f(6, ''), profile, f(106, 1)), ...androidExtras], { habits: CLIENTS.android });
    drop([
      f(1, f(1, 'unknown'), f(3, 'group'), f(5, 60), f(99, 'new'), f(104, f(1, 1))),
      f(7, 'old'),
      f(11, 'old'),
      f(300, 5),
    ]);
    drop([f(1, f(1, 'Pro')), f(16, f(1, f(1, 0), f(2, new Uint8Array(32))), f(2, 3), f(3, 1))]);
    drop([f(1, f(1, 'first'), f(1, 'last counts'))]);
    drop([f(1, f(1, Uint8Array.of(0x61, 0xff)))]);
    drop([f(1, f(1, 7), f(1, 'wrong type before'))]);
    await party.settle();
    expect(shown()).toEqual(['Android', 'unknown', 'Pro', 'last counts', 'a\uFFFD', 'wrong type before']);
    expect(device.engine.conversation(bob)).toMatchObject({ name: 'Bob', pictureVersion: null });
  });

  test('longer than we may write is cut, blank or of too many files is none', async () => {
    const pointer = f(2, fixed64(1, 1n), f(2, 'x'), f(4, 1), f(101, 'http://filev2.getsession.org/file/1'));
    const withFiles = (count: number) => f(1, ...Array.from({ length: count }, () => pointer), f(4, 0));
    drop([f(1, f(1, '🙂'.repeat(10_001)))]);
    drop([f(1, f(1, ' \n'))]);
    drop([withFiles(33)]);
    drop([withFiles(32)]);
    await party.settle();
    expect(shown()).toEqual(['🙂'.repeat(10_000), '']);
    expect(last().attachments).toHaveLength(32);
  });

  test('whose time, wrapping or addressing breaks a rule is dropped', async () => {
    drop([f(1, f(1, 'other time'))], { signed: at + 100 });
    drop([f(1, f(1, 'flags')), f(1, f(4, 1), f(1, 'flags 1'))]);
    drop([f(1, f(1, 'in our name'), f(105, alice))]);
    const envelopes: (readonly [number, string | Uint8Array])[][] = [[[11, new Uint8Array(63)]], [[2, 'abc']]];
    for (const envelope of envelopes) drop([f(1, f(1, 'bad envelope'))], { habits: { ...CLIENTS.desktop, envelope } });
    drop([f(99, 'nothing known')]);
    drop([], { signed: null });
    drop([f(1, f(1, 'no time'))], { signed: null });
    drop([f(1, f(1, 'time 0'))], { signed: 0 });
    drop([f(1, f(1, 'with source'))], { habits: { ...CLIENTS.desktop, envelope: [[2, eve]] } });
    await party.settle();
    expect(shown()).toEqual(['no time', 'time 0', 'with source']);
  });

  test('copied from our other devices is ours', async () => {
    const from = ALICE;
    drop([f(1, f(1, 'from my computer'), f(105, bob)), ...androidExtras], { from });
    drop([f(1, f(1, 'from my phone'), f(105, bob), f(106, 1)), ...androidExtras], { from, habits: CLIENTS.android });
    drop([f(1, f(1, 'a note'), f(105, alice))], { from });
    drop([f(1, f(1, 'an old note'))], { from });
    drop([f(1, f(1, 'nowhere'), f(105, 'x'))], { from });
    await party.settle();
    expect(texts(device, bob).slice(1)).toMatchObject([
      { body: 'from my computer', direction: 'out', delivery: 'stored' },
      { body: 'from my phone', direction: 'out' },
    ]);
    expect(bodies(device, alice)).toEqual(['a note', 'an old note']);
  });
});

describe('files', () => {
  const url = 'http://filev2.getsession.org/file/Ab_-';
  const legacy = [f(3, new Uint8Array(64)), f(6, new Uint8Array(32))] as const;
  const pointer = (id: bigint, fields: readonly Uint8Array[]) =>
    f(2, fixed64(1, id), f(2, 'image/jpeg'), f(4, 9), ...fields);

  test('of either encryption, with both spellings of the fragment', async () => {
    const urls = ['http://filev2.getsession.org/file/12', `${url}#d=`, `${url}#d`, `${url}#p=${'ab'.repeat(32)}&d`];
    drop([
      f(1, pointer(12n, [...legacy, f(7, 'photo.jpg'), f(9, 800), f(10, 480), f(11, 'A view'), f(101, urls[0]!)])),
    ]);
    for (const other of urls.slice(1)) drop([f(1, pointer(0n, [f(3, new Uint8Array(32)), f(101, other)]))]);
    await party.settle();
    const files = texts(device, bob)
      .slice(1)
      .flatMap(({ attachments }) => attachments);
    expect(files[0]).toMatchObject({ fileName: 'photo.jpg', width: 800, height: 480, caption: 'A view', size: 9 });
    expect(files.map(({ state }) => state)).toEqual(['remote', 'remote', 'remote', 'remote']);
    for (const [index, file] of files.entries()) {
      party.office.fileServer.files.set(urls[index]!, Uint8Array.of(index));
      device.engine.downloadAttachment(file.id);
    }
    const states = () => texts(device, bob).flatMap(({ attachments }) => attachments.map(({ state }) => state));
    await party.clock.until(() => states().every((state) => state === 'here'));
    for (const [index, { id }] of files.entries()) {
      expect(await device.engine.readAttachment(id)).toEqual(Uint8Array.of(index));
    }
  });

  test('without an address or a size are left out; spoken ones are known', async () => {
    const nothing = pointer(0n, [...legacy]);
    drop([f(1, f(1, 'one is left'), nothing, pointer(3n, [...legacy, f(8, 1), f(101, `${url}3`)]))]);
    drop([f(1, nothing)]);
    await party.settle();
    expect(texts(device, bob).slice(1)).toMatchObject([
      { body: 'one is left', attachments: [{ isVoiceMessage: true }] },
    ]);
  });

  test('of a preview count only with the link in the text', async () => {
    const preview = f(10, f(1, 'https://sotto.test/page'), f(2, 'A page'));
    drop([f(1, f(1, 'see https://sotto.test/page'), preview)]);
    drop([f(1, f(1, 'see nothing'), preview)]);
    await party.settle();
    expect(texts(device, bob).slice(1)).toMatchObject([{ preview: { title: 'A page' } }, { preview: null }]);
  });
});

describe('what is about other messages', () => {
  test('answers and reactions, of Desktop and of phones', async () => {
    const target = drop([f(1, f(1, 'target'))]);
    const reference = [f(1, target), f(2, bob)];
    drop([f(1, f(1, 'answer'), f(8, ...reference, f(3, 'old text'), f(4, f(1, 'x'))))]);
    const profile = f(101, f(1, 'Bobby'));
    drop([f(1, f(11, ...reference, f(3, '😂'), f(4, 0)), profile)]);
    drop([f(1, f(6, ''), f(11, ...reference, f(3, '👍'), f(4, 0))), ...androidExtras], { habits: CLIENTS.android });
    drop([f(1, f(11, ...reference, f(3, '👍'), f(4, 1)))]);
    drop([f(1, f(11, ...reference, f(4, 0)))]);
    drop([f(1, f(11, ...reference, f(3, '🙈'), f(4, 5)))]);
    await party.settle();
    expect(texts(device, bob).slice(1)).toMatchObject([
      { body: 'target', reactions: [{ emoji: '😂', authors: [bob] }] },
      { body: 'answer', quote: { body: 'target' } },
    ]);
  });

  test('receipts, packed and not; what phones copy to themselves says nothing', async () => {
    for (const text of ['2', '3']) device.engine.send(bob, text);
    await party.settle();
    const [one, two, three] = texts(device, bob).map(({ sentAt }) => sentAt) as [number, number, number];
    at = party.clock.now();
    const read = () => texts(device, bob).map((message) => message.read);
    const habits = CLIENTS.android;
    drop([f(5, f(1, 1), f(2, one))], { from: ALICE, habits });
    drop([f(5, f(1, 0), f(2, one))]);
    drop([f(6, f(1, at + 1), f(2, 0))], { from: ALICE, habits });
    drop([f(10, f(1, 1))], { from: ALICE, habits });
    await party.settle();
    expect(read()).toEqual([false, false, false]);
    expect(device.engine.conversations().map(({ id, isTyping }) => [id, isTyping])).toEqual([[bob, false]]);
    drop([f(5, f(1, 1), f(2, concatBytes(varint(one), varint(two))))]);
    drop([f(5, f(1, 1), f(2, three)), ...androidExtras], { habits });
    await party.settle();
    expect(read()).toEqual([true, true, true]);
  });

  test('a message is taken back only by its author', async () => {
    const [first, second] = [drop([f(1, f(1, 'first'))]), drop([f(1, f(1, 'second'))])];
    drop([f(9, f(1, first), f(2, bob))], { from: EVE });
    drop([f(9, f(1, second), f(2, alice))]);
    drop([f(9, f(1, second), f(2, bob)), ...androidExtras], { habits: CLIENTS.android });
    await party.settle();
    expect(texts(device, bob).slice(1)).toMatchObject([
      { body: 'first', deleted: false },
      { body: '', deleted: true },
    ]);
    expect(bodies(device, bob)[0]).toBe('Hello');
  });
});

test('typing begins, ends, and is believed only with the time of its envelope', async () => {
  drop([f(1, f(1, 'Hi'))]);
  await party.settle();
  const isTyping = () => device.engine.conversation(bob)!.isTyping;
  at = party.clock.now();
  drop([f(6, f(1, at + 50), f(2, 0))]);
  await party.clock.advance(3000);
  expect(isTyping()).toBe(false);
  at = party.clock.now();
  drop([f(6, f(1, at + 1), f(2, 0))]);
  await party.clock.until(isTyping);
  drop([f(6, f(1, at + 1), f(2, 1)), ...androidExtras], { habits: CLIENTS.android });
  await party.clock.until(() => !isTyping());
});

test('timers: updates, messages with them, and what is unknown is off', async () => {
  drop([f(1, f(4, 2)), f(12, 1), f(13, 604_800)]);
  await party.settle();
  expect(device.engine.conversation(bob)).toMatchObject({
    theirDisappearing: { mode: 'after-read', seconds: 604_800 },
  });
  drop([f(1, f(4, 3), f(1, 'no text of it')), f(12, 2), f(13, 86_400)]);
  drop([f(1, f(1, 'sent')), f(12, 2), f(13, 86_400)]);
  drop([f(1, f(1, 'read')), f(12, 1), f(13, 43_200)]);
  drop([f(1, f(1, 'unknown')), f(12, 7), f(13, 60)]);
  drop([f(1, f(1, 'no type')), f(13, 60)]);
  await party.settle();
  expect(device.engine.conversation(bob)).toMatchObject({ theirDisappearing: { mode: 'after-send', seconds: 86_400 } });
  expect(texts(device, bob).slice(1)).toMatchObject([
    { body: 'sent', expiry: { mode: 'after-send', seconds: 86_400 } },
    { body: 'read', expiry: { mode: 'after-read', at: null } },
    { body: 'unknown', expiry: null },
    { body: 'no type', expiry: null },
  ]);
});

test('calls, notices, invitations and acceptances become lines; what is incomplete or unknown does not', async () => {
  const uuid = '5f1b9d7e-3a52-4c0e-9a6b-0d6d1f2a7c11';
  const call = (type: number, name = uuid) => f(3, f(1, type), f(2, 'v=0'), f(5, name));
  drop([f(10, f(1, 0))]);
  drop([f(10, f(1, 1), f(2, ''), f(3, f(1, 'Bob'), f(2, ''))), ...androidExtras], { habits: CLIENTS.android });
  drop([call(6)]);
  drop([call(1), ...androidExtras], { habits: CLIENTS.android });
  drop([
    f(3, f(1, 4), f(2, 'a'), f(2, 'b'), f(3, concatBytes(varint(0), varint(1))), f(4, '0'), f(4, '1'), f(5, uuid)),
  ]);
  drop([call(1, 'taken elsewhere')]);
  drop([call(2, 'taken elsewhere')], { from: ALICE });
  drop([f(3, f(1, 99), f(5, uuid))]);
  drop([f(3, f(1, 1), f(2, 'no uuid'))]);
  drop([f(8, f(1, 2), f(2, at)), f(12, 1), f(13, 86_400)]);
  drop([f(8, f(1, 1))]);
  drop([f(8, f(1, 9))]);
  drop([f(8, f(1, 1))], { from: EVE });
  const url = `https://open.example.org/lobby?public_key=${'c2'.repeat(32)}`;
  drop([f(1, f(102, f(1, url), f(3, 'Lobby')))]);
  drop([f(1, f(102, f(1, url), f(2, '')))]);
  drop([f(1, f(120, f(1, f(1, `03${'ab'.repeat(32)}`), f(2, 'G'), f(3, 'x'), f(4, 'x'))))]);
  await party.settle();
  const lines = device.engine.messages(bob).messages.map(({ kind }) => kind);
  expect(lines).toEqual([
    'message',
    'request-accepted',
    'missed-call',
    'media-saved',
    'screenshot-taken',
    'community-invitation',
  ]);
  expect(device.engine.conversation(eve)).toBeNull();
});

test('a picture comes with a message, in both spellings, and goes with an empty one', async () => {
  const key = new Uint8Array(32).fill(4);
  const url = 'http://filev2.getsession.org/file/987';
  const state = () => device.store.conversations.state(bob)!;
  const profile = (picture: string, updated: number) => f(101, f(1, 'Bob'), f(2, picture), f(3, updated));
  drop([f(1, f(1, '1'), f(6, key), profile(`${url}#d=`, 100))]);
  await party.settle();
  expect(state()).toMatchObject({ pictureUrl: `${url}#d=`, profileAt: 100_000 });
  drop([f(1, f(1, 'older'), f(6, key), profile(url, 99))]);
  await party.settle();
  expect(state()).toMatchObject({ pictureUrl: `${url}#d=` });
  drop([f(1, f(1, 'newer, in ms'), f(6, key), profile(`${url}#d`, 4_000_000_000_000))]);
  await party.settle();
  expect(state()).toMatchObject({ pictureUrl: `${url}#d` });
  drop([f(1, f(1, 'no profile'))]);
  drop([f(1, f(1, 'none'), f(6, ''), profile('', 4_000_000_001_000))], { habits: CLIENTS.android });
  await party.settle();
  expect(state()).toMatchObject({ pictureUrl: null, profileName: 'Bob' });
});
