import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contactLink, readContactLink } from '../account/contact-link.ts';
import { ALICE, alice, BOB, bob, EVE, eve, Party } from '../testing/party.ts';
import { bodies } from '../testing/person.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

const coded = (code: string) => expect.objectContaining({ name: 'EngineError', code });

describe('a request', () => {
  test('is told as accepted, with a line on both sides, and nothing is told before', async () => {
    const a = party.start(ALICE);
    let b = party.start(BOB);
    for (const { engine } of [a, b]) engine.setSettings({ readReceipts: true, typingIndicators: true });
    a.engine.send(bob, 'May I?');
    await party.settle();
    expect(a.engine.conversation(bob)).toMatchObject({ awaitsAcceptance: true, isRequest: false });
    expect(b.engine.conversation(alice)).toMatchObject({ awaitsAcceptance: false, isRequest: true, unread: 1 });
    expect(b.engine.contacts()).toEqual([]);
    b.engine.markRead(alice);
    await party.settle();
    expect(party.office.mailbox(alice)).toHaveLength(1);
    b = await party.restart(b, BOB);
    b.engine.acceptRequest(alice);
    await party.settle();
    expect(a.engine.conversation(bob)).toMatchObject({ awaitsAcceptance: false, name: 'Person 2' });
    expect(b.engine.conversation(alice)).toMatchObject({ isRequest: false });
    expect(b.engine.contacts()).toMatchObject([{ accountId: alice }]);
    const lines = (device: typeof a, id: string) =>
      device.engine.messages(id).messages.filter(({ kind }) => kind === 'request-accepted');
    expect(lines(a, bob)).toMatchObject([{ direction: 'in', author: bob }]);
    expect(lines(b, alice)).toMatchObject([{ direction: 'out', author: bob }]);
    // A device that sees it all later, with the answer first.
    for (const kept of party.office.kept) kept.reverse();
    const a2 = party.start(ALICE);
    await party.settle();
    expect(lines(a2, bob)).toMatchObject([{ direction: 'in', author: bob, sentAt: lines(a, bob)[0]!.sentAt }]);
    b.engine.acceptRequest(alice);
    expect(() => b.engine.acceptRequest(eve)).toThrow(coded('not-found'));
  });

  test('that is declined is gone and stays away; the person may ask again', async () => {
    const [a, b] = [party.start(ALICE), party.start(BOB)];
    a.engine.send(bob, 'May I?');
    await party.settle();
    b.engine.declineRequest(alice);
    expect(b.engine.conversation(alice)).toBeNull();
    party.repeat();
    await party.settle();
    expect(b.engine.conversations()).toEqual([]);
    a.engine.send(bob, 'Please');
    await party.settle();
    expect(bodies(b, alice)).toEqual(['Please']);
    expect(b.engine.conversation(alice)).toMatchObject({ isRequest: true });
    b.engine.acceptRequest(alice);
    expect(() => b.engine.declineRequest(alice)).toThrow(coded('not-allowed'));
  });
});

test('a request of somebody who is blocked is declined for good, until that ends', async () => {
  let [a, b] = [party.start(ALICE), party.start(BOB)];
  a.engine.send(bob, 'May I?');
  await party.settle();
  b.engine.setBlocked(alice, true);
  b.engine.declineRequest(alice);
  const b2 = party.start(BOB);
  await party.settle();
  b = await party.restart(b, BOB);
  a.engine.send(bob, 'Please');
  await party.settle();
  for (const { engine } of [b, b2]) {
    expect(engine.conversations()).toEqual([]);
    // Where they can be unblocked.
    expect(engine.contacts()).toMatchObject([{ accountId: alice, isBlocked: true }]);
  }
  b.engine.setBlocked(alice, false);
  a.engine.send(bob, 'Thank you');
  await party.settle();
  expect(b.engine.contacts()).toEqual([]);
  expect(bodies(b, alice)).toEqual(['Thank you']);
  expect(b.engine.conversation(alice)).toMatchObject({ isRequest: true });
});

test('who is blocked is not heard, over restarts, until that ends', async () => {
  let [a, b] = await party.acquainted();
  a.engine.setBlocked(bob, true);
  a.engine.setBlocked(eve, true);
  expect(a.engine.conversation(bob)).toMatchObject({ isBlocked: true });
  expect(a.engine.conversations().map(({ id }) => id)).toEqual([bob]);
  a = await party.restart(a, ALICE);
  b.engine.send(alice, 'unheard');
  b.engine.react(b.engine.messages(alice).messages[0]!.id, '👎', true);
  party.drop(EVE, alice, { dataMessage: { body: 'unheard, too' } });
  await party.settle();
  expect(bodies(a, bob)).toEqual(['Hello', 'Hi']);
  expect(a.engine.messages(bob).messages[0]!.reactions).toEqual([]);
  a.engine.setBlocked(bob, false);
  b.engine.send(alice, 'heard');
  await party.settle();
  expect(bodies(a, bob)).toEqual(['Hello', 'Hi', 'heard']);
  expect(() => a.engine.setBlocked(alice, true)).toThrow(coded('not-allowed'));
  expect(() => a.engine.setBlocked('x', true)).toThrow(coded('bad-account-id'));
});

describe('a contact link', () => {
  test('opens the way once: who writes first with it is accepted at once, and knows the name', async () => {
    let a = party.start(ALICE);
    const [a2, b, e] = [party.start(ALICE), party.start(BOB), party.start(EVE)];
    const link = a.engine.createContactLink();
    a = await party.restart(a, ALICE);
    expect(b.engine.openContactLink(` ${link.toUpperCase()} `)).toMatchObject({ id: alice, name: 'Person 1' });
    b.engine.send(alice, 'Hello from the link');
    await party.settle();
    expect(a.engine.conversation(bob)).toMatchObject({ isRequest: false, awaitsAcceptance: false, unread: 1 });
    expect(b.engine.conversation(alice)).toMatchObject({ awaitsAcceptance: false });
    // Nobody asked for anything, and no line says so.
    expect(a.engine.messages(bob).messages).toMatchObject([{ kind: 'message' }]);
    expect(b.engine.messages(alice).messages).toMatchObject([{ kind: 'message' }]);
    e.engine.openContactLink(link);
    e.engine.send(alice, 'Me too');
    await party.settle();
    // The device that did not make the link knows it, too.
    for (const device of [a, a2]) {
      expect(device.engine.conversation(bob)).toMatchObject({ isRequest: false });
      expect(device.engine.conversation(eve)).toMatchObject({ isRequest: true });
    }
  });

  test('opens the way again to somebody who had forgotten whom they hand it to', async () => {
    const [a, b] = await party.acquainted();
    const notices = () => b.engine.messages(alice).messages.filter(({ kind }) => kind === 'request-accepted');
    a.engine.removeContact(bob);
    await party.settle();
    const before = notices();
    b.engine.openContactLink(a.engine.createContactLink());
    b.engine.send(alice, 'Here I am again');
    await party.settle();
    expect(a.engine.conversation(bob)).toMatchObject({ isRequest: false, unread: 1 });
    expect(a.engine.messages(bob).messages).toMatchObject([{ body: 'Here I am again' }]);
    expect(notices()).toEqual(before);
    expect(b.store.conversations.state(alice)!.contactToken).toBeNull();
  });

  test('that is over, foreign, damaged or our own does nothing', async () => {
    const [a, b] = [party.start(ALICE), party.start(BOB)];
    const link = a.engine.createContactLink({ validForMs: 60_000 });
    await party.clock.advance(120_000);
    b.engine.openContactLink(link);
    b.engine.send(alice, 'late');
    await party.settle();
    expect(a.engine.conversation(bob)).toMatchObject({ isRequest: true });
    // It is a request like any other, and so is the answer, on both sides.
    a.engine.acceptRequest(bob);
    await party.settle();
    expect(a.engine.messages(bob).messages).toMatchObject([{ body: 'late' }, { kind: 'request-accepted' }]);
    expect(b.engine.messages(alice).messages).toMatchObject([{ body: 'late' }, { kind: 'request-accepted' }]);
    expect(a.engine.openContactLink(link)).toMatchObject({ isNoteToSelf: true });
    expect(() => b.engine.openContactLink(`${link.slice(0, -2)}yy`)).toThrow(coded('bad-link'));
    expect(() => b.engine.openContactLink('https://sotto.test')).toThrow(coded('bad-link'));
    expect(() => a.engine.createContactLink({ validForMs: 0 })).toThrow(coded('bad-setting'));
    const foreign = contactLink({
      accountId: alice,
      networkId: new Uint8Array(32),
      token: new Uint8Array(16),
      name: '',
    });
    expect(() => b.engine.openContactLink(foreign)).toThrow(coded('bad-network'));
  });

  test('is read as it was written, and every other text is refused', () => {
    const networkId = new Uint8Array(32).fill(4);
    const text = fc.oneof(fc.string(), fc.stringMatching(/^sotto:[a-z0-9]{90,200}$/));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.string({ maxLength: 25, unit: 'grapheme' }),
        (token, name) => {
          fc.pre(new TextEncoder().encode(name).length <= 100);
          const link = { accountId: alice, networkId, token, name };
          expect(readContactLink(contactLink(link), networkId)).toEqual(link);
        },
      ),
    );
    fc.assert(
      fc.property(text, (given) => {
        expect(() => readContactLink(given, networkId)).toThrow(coded('bad-link'));
      }),
    );
  });
});

test('what is set about a conversation stays, and is told to who shares it between devices, without echo', async () => {
  let [a, b] = await party.acquainted();
  const told: string[] = [];
  a.store.conversations.onChange((id, fields) => told.push(`${id === bob} ${fields?.[0]}`));
  a.engine.setPinned(bob, true);
  a.engine.setPinned(bob, true);
  a.engine.setNotifications(bob, 'mentions');
  a.engine.setMuted(bob, 5000);
  a.engine.saveDraft(bob, 'unfini');
  a.engine.setArchived(bob, true);
  a.store.conversations.update(bob, { priority: 7, nickname: 'Shared' }, 'shared');
  expect(told).toEqual(['true priority', 'true notifications', 'true mutedUntil', 'true draft', 'true archived']);
  a = await party.restart(a, ALICE);
  const state = { isPinned: true, notifications: 'mentions', mutedUntil: 5000, draft: 'unfini', isArchived: true };
  expect(a.engine.conversation(bob)).toMatchObject({ ...state, name: 'Shared' });
  expect(() => a.engine.setPinned(eve, true)).toThrow(coded('not-found'));
  await party.clock.advance(10);
  b.engine.send(alice, 'news');
  await party.settle();
  expect(a.engine.conversation(bob)).toMatchObject({ isArchived: false });
  a.engine.openConversation(eve);
  a.engine.send(eve, 'newer');
  expect(a.engine.conversations().map(({ id }) => id)).toEqual([bob, eve]);
  a.engine.setPinned(bob, false);
  expect(a.engine.conversations().map(({ id }) => id)).toEqual([eve, bob]);
});
