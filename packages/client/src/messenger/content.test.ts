import { type CallMessage_Type, Reaction_Action } from '@sotto/wire/content';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../engine.ts';
import { ALICE, alice, BOB, bob, EVE, eve, Party } from '../testing/party.ts';
import { bodies, type Device, texts } from '../testing/person.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

const last = (device: Device, conversationId: string): Message => texts(device, conversationId).at(-1)!;
const coded = (code: string) => expect.objectContaining({ name: 'EngineError', code });

test('an answer shows what it answers, on all devices, wherever that comes from', async () => {
  const [a, b] = await party.acquainted();
  const a2 = party.start(ALICE);
  await party.settle();
  const quoted = last(b, alice);
  expect(quoted.body).toBe('Hi');
  const answer = b.engine.send(alice, { body: 'As I said', quotedMessageId: quoted.id });
  expect(answer.quote).toMatchObject({ author: bob, messageId: quoted.id, body: 'Hi', hasAttachment: false });
  await party.settle();
  for (const device of [a, a2]) {
    const { quote } = last(device, bob);
    expect(quote).toMatchObject({ author: bob, body: 'Hi', messageId: texts(device, bob).at(-2)!.id });
  }
  expect(() => a.engine.send(bob, { body: 'x', quotedMessageId: '999' })).toThrow(coded('not-found'));
  const now = party.clock.now();
  party.drop(BOB, alice, { dataMessage: { body: 'old', quote: { id: 5n, author: eve } } }, now);
  party.drop(BOB, alice, { dataMessage: { body: 'ours', quote: { id: 7n, author: alice } } }, now + 1);
  await party.settle();
  const [unknown, ours] = texts(a, bob).slice(-2);
  expect(unknown).toMatchObject({ quote: { author: eve, messageId: null, body: null }, mentionsUs: false });
  expect(ours).toMatchObject({ mentionsUs: true });
  expect(a.engine.conversation(bob)).toMatchObject({ unreadMentions: 1 });
});

test('mentions of us are counted, also in old spellings', async () => {
  const [a] = await party.acquainted();
  party.drop(BOB, alice, { dataMessage: { body: `look @${alice.toUpperCase()}, there` } });
  party.drop(BOB, alice, { dataMessage: { body: `look @${eve}` } }, party.clock.now() + 1);
  await party.settle();
  expect(
    texts(a, bob)
      .slice(-2)
      .map(({ mentionsUs }) => mentionsUs),
  ).toEqual([true, false]);
  expect(a.engine.conversation(bob)).toMatchObject({ unread: 2, unreadMentions: 1 });
});

describe('reactions', () => {
  test('come, go and stay over restarts, on all devices', async () => {
    let [a, b] = await party.acquainted();
    let a2 = party.start(ALICE);
    await party.settle();
    const target = last(b, alice);
    expect(a.engine.react(last(a, bob).id, '👍', true).reactions).toEqual([{ emoji: '👍', authors: [alice] }]);
    await party.clock.advance(10);
    b.engine.react(target.id, '👍', true);
    b.engine.react(target.id, '❤️', true);
    await party.settle();
    a = await party.restart(a, ALICE);
    a2 = await party.restart(a2, ALICE);
    b = await party.restart(b, BOB);
    const both = [
      { emoji: '👍', authors: [alice, bob] },
      { emoji: '❤️', authors: [bob] },
    ];
    for (const message of [last(a, bob), last(a2, bob), last(b, alice)]) expect(message.reactions).toEqual(both);
    b.engine.react(target.id, '👍', false);
    a2.engine.react(last(a2, bob).id, '👍', false);
    await party.settle();
    for (const message of [last(a, bob), last(a2, bob), last(b, alice)]) {
      expect(message.reactions).toEqual([{ emoji: '❤️', authors: [bob] }]);
    }
    expect(bodies(b, alice)).toEqual(['Hello', 'Hi']);
  });

  test('are limited, belong to their conversation, and say nothing about deleted messages', async () => {
    const [a] = await party.acquainted();
    const { id } = last(a, bob);
    for (let count = 0; count < 20; count++) a.engine.react(id, String.fromCodePoint(0x1f600 + count), true);
    expect(() => a.engine.react(id, '🎉', true)).toThrow(coded('too-many'));
    for (const text of ['', ' ', 'ok', '👍👍']) {
      expect(() => a.engine.react(id, text, true)).toThrow(coded('not-allowed'));
    }
    const { sentAt } = last(a, bob);
    const reaction = { id: BigInt(sentAt), author: bob, emoji: '😀', action: Reaction_Action.REACT };
    party.drop(EVE, alice, { dataMessage: { body: 'hello' } });
    party.drop(EVE, alice, { dataMessage: { reaction } }, party.clock.now() + 1);
    party.drop(BOB, alice, { dataMessage: { reaction: { ...reaction, emoji: 'x'.repeat(100) } } });
    await party.settle();
    expect(last(a, bob).reactions.map(({ emoji }) => emoji)).toHaveLength(20);
    party.drop(BOB, alice, { unsendRequest: { timestamp: BigInt(sentAt), author: bob } }, party.clock.now() + 2);
    await party.settle();
    expect(last(a, bob)).toMatchObject({ deleted: true, reactions: [], body: '' });
    expect(() => a.engine.react(id, '😀', true)).toThrow(coded('not-allowed'));
  });
});

describe('an edit', () => {
  test('takes the place of what was there, for us; others see a deletion and a new message', async () => {
    let [a, b] = await party.acquainted();
    const a2 = party.start(ALICE);
    await party.settle();
    const first = a.engine.send(bob, 'teh');
    b.engine.noteTyping(alice);
    await party.settle();
    b.engine.react(last(b, alice).id, '👀', true);
    b.engine.send(alice, { body: 'what?', quotedMessageId: last(b, alice).id });
    await party.settle();
    expect(a.engine.edit(first.id, 'the')).toMatchObject({
      id: first.id,
      body: 'the',
      edited: true,
      sentAt: first.sentAt,
    });
    expect(a.engine.edit(first.id, 'the end')).toMatchObject({ body: 'the end' });
    await party.settle();
    b = await party.restart(b, BOB);
    for (const [device, other] of [
      [a, bob],
      [a2, bob],
      [b, alice],
    ] as const) {
      expect(bodies(device, other)).toEqual(['Hello', 'Hi', 'the end', 'what?']);
      const [, , edited, answer] = texts(device, other);
      expect(edited).toMatchObject({ edited: true, deleted: false, reactions: [{ emoji: '👀' }] });
      expect(answer!.quote).toMatchObject({ body: 'the end', messageId: edited!.id });
    }
    a = await party.restart(a, ALICE);
    expect(texts(a, bob)[2]).toMatchObject({ body: 'the end', delivery: 'stored' });
    // Somebody who reads it for the first time sees the end only.
    const b2 = party.start(BOB);
    await party.settle();
    expect(texts(b2, alice)).toMatchObject([{ body: 'Hello' }, { body: 'Hi' }, { body: 'the end' }, { body: 'what?' }]);
    expect(b2.engine.messages(alice).messages.some(({ deleted }) => deleted)).toBe(false);
  });

  test('is for own messages, and not for those of others with our extension', async () => {
    const [a, b] = await party.acquainted();
    expect(() => a.engine.edit(last(a, bob).id, 'x')).toThrow(coded('not-allowed'));
    expect(() => a.engine.edit(texts(a, bob)[0]!.id, ' ')).toThrow(coded('empty'));
    const { sentAt } = texts(b, alice)[0]!;
    party.drop(EVE, bob, { dataMessage: { body: 'forged', sotto: { replaces: BigInt(sentAt) } } }, sentAt + 1);
    await party.settle();
    expect(bodies(b, alice)).toEqual(['Hello', 'Hi']);
    expect(texts(b, eve)).toMatchObject([{ body: 'forged', edited: true }]);
  });

  test('of a message that waits is sent alone', async () => {
    const [a, b] = await party.acquainted();
    party.office.setOpen(false);
    const { id } = a.engine.send(bob, 'frist');
    a.engine.edit(id, 'first');
    a.engine.send(bob, 'second');
    party.office.setOpen(true);
    await party.settle();
    expect(bodies(b, alice).slice(-2)).toEqual(['first', 'second']);
  });
});

test('previews, invitations and notices are shown; unknown kinds change nothing', async () => {
  const [a] = await party.acquainted();
  const now = party.clock.now();
  const preview = [{ url: 'https://sotto.test/x', title: 'A page' }];
  party.drop(BOB, alice, { dataMessage: { body: 'see https://sotto.test/x', preview } }, now);
  const communityInvitation = { url: 'https://c.test/room?public_key=aa', name: 'Room' };
  party.drop(BOB, alice, { dataMessage: { communityInvitation } }, now + 1);
  party.drop(BOB, alice, { dataExtractionNotification: { type: 1 } }, now + 2);
  party.drop(BOB, alice, { dataExtractionNotification: { type: 2, timestamp: 5n } }, now + 3);
  party.drop(BOB, alice, { dataMessage: { groupUpdateMessage: { memberLeftMessage: {} } } }, now + 4);
  party.drop(BOB, alice, { callMessage: { type: 3, uuid: 'u' } }, now + 5);
  party.drop(EVE, alice, { dataExtractionNotification: { type: 1 } }, now + 6);
  await party.settle();
  expect(a.engine.messages(bob).messages.slice(-4)).toMatchObject([
    { kind: 'message', preview: { url: 'https://sotto.test/x', title: 'A page', image: null } },
    { kind: 'community-invitation', invitation: communityInvitation },
    { kind: 'screenshot-taken', direction: 'in', author: bob },
    { kind: 'media-saved' },
  ]);
  expect(a.engine.conversation(eve)).toBeNull();
});

test('profile name and picture travel with messages, newest first', async () => {
  const [a, b] = await party.acquainted();
  b.engine.setName('Bobby');
  b.engine.send(alice, 'new name');
  await party.settle();
  expect(a.engine.conversation(bob)).toMatchObject({ name: 'Bobby', profileName: 'Bobby', nickname: null });
  a.engine.setNickname(bob, ' Bobo ');
  expect(a.engine.conversation(bob)).toMatchObject({ name: 'Bobo', profileName: 'Bobby', nickname: 'Bobo' });
  expect(a.engine.contacts()).toMatchObject([{ accountId: bob, name: 'Bobo', acceptedUs: true, isBlocked: false }]);
  a.engine.setNickname(bob, null);
  expect(() => a.engine.setNickname(bob, 'x'.repeat(101))).toThrow(coded('bad-name'));
  const profile = { displayName: 'B', profilePicture: 'http://files.test/file/9', lastUpdateSeconds: 3_000_000_000n };
  party.drop(BOB, alice, { dataMessage: { body: 'picture', profile, profileKey: new Uint8Array(32) } });
  await party.settle();
  expect(a.store.conversations.state(bob)).toMatchObject({
    pictureUrl: profile.profilePicture,
    pictureKey: Buffer.alloc(32),
  });
  expect(a.engine.conversation(bob)).toMatchObject({ name: 'B' });
});

describe('a call', () => {
  const call = (type: CallMessage_Type, uuid: string, sdps: string[] = []) => ({ callMessage: { type, uuid, sdps } });
  const missed = (device: Device, id: string) =>
    device.engine.messages(id).messages.filter(({ kind }) => kind === 'missed-call');

  test('that nobody takes is missed, once', async () => {
    const [a] = await party.acquainted();
    const now = party.clock.now();
    party.drop(BOB, alice, call(6, 'one'), now);
    party.drop(BOB, alice, call(1, 'one', ['offer']), now + 1);
    party.drop(BOB, alice, call(1, 'one', ['again']), now + 2);
    party.drop(BOB, alice, call(5, 'one'), now + 3);
    party.drop(BOB, alice, call(1, 'future', ['x']), now + 400_000);
    party.drop(EVE, alice, call(1, 'stranger', ['x']), now + 4);
    await party.settle();
    expect(missed(a, bob)).toMatchObject([{ author: bob, sentAt: now + 1, direction: 'in', delivery: null }]);
    expect(a.engine.conversation(bob)).toMatchObject({ unread: 1 });
    expect(a.engine.conversation(eve)).toBeNull();
  });

  test('that another device took or ended is none, whichever word comes first', async () => {
    const [a] = await party.acquainted();
    const now = party.clock.now();
    party.drop(BOB, alice, call(1, 'taken', ['x']), now);
    await party.settle();
    expect(missed(a, bob)).toHaveLength(1);
    party.drop(ALICE, alice, call(2, 'taken', ['answer']), now + 1);
    party.drop(ALICE, alice, call(5, 'refused'), now + 2);
    party.drop(BOB, alice, call(1, 'refused', ['x']), now + 3);
    party.drop(BOB, alice, call(1, 'taken', ['x']), now + 4);
    await party.settle();
    expect(missed(a, bob)).toEqual([]);
    expect(a.engine.conversation(bob)).toMatchObject({ unread: 0 });
  });
});
