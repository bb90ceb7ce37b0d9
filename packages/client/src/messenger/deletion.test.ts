import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALICE, alice, BOB, bob, EVE, Party } from '../testing/party.ts';
import { bodies, type Device, texts } from '../testing/person.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

const coded = (code: string) => expect.objectContaining({ name: 'EngineError', code });
describe('for everyone', () => {
  test('is deleted on all devices, on our nodes and for the other side, over restarts, and is reported', async () => {
    let [a, b] = await party.acquainted();
    const a2 = party.start(ALICE);
    const { id } = a.engine.send(bob, 'oops');
    await party.settle();
    b.engine.send(alice, { body: 'what?', quotedMessageId: texts(b, alice).at(-1)!.id });
    await party.settle();
    const copies = () => party.office.mailbox(alice).length;
    const before = copies();
    party.office.setOpen(false);
    expect(a.engine.deletion(id)).toBeNull();
    a.engine.deleteForEveryone([id]);
    expect(a.engine.deletion(id)).toEqual({ nodes: 0, ofNodes: 0, otherSideTold: false });
    a = await party.restart(a, ALICE);
    party.office.setOpen(true);
    await party.settle();
    expect(a.engine.deletion(id)).toEqual({ nodes: 2, ofNodes: 2, otherSideTold: true });
    // Its copy is gone; the word of its end has come.
    expect(copies()).toBe(before);
    b = await party.restart(b, BOB);
    party.repeat();
    await party.settle();
    for (const [device, other] of [
      [a, bob],
      [a2, bob],
      [b, alice],
    ] as const) {
      const [, , deleted, answer] = texts(device, other);
      expect(deleted).toMatchObject({ deleted: true, body: '', edited: false });
      expect(answer).toMatchObject({ body: 'what?', quote: { body: null } });
    }
    expect(b.engine.conversation(alice)).toMatchObject({ unread: 0 });
    const b2 = party.start(BOB);
    await party.settle();
    expect(bodies(b2, alice)).not.toContain('oops');
    expect(() => a.engine.deleteForEveryone([texts(a, bob)[1]!.id])).toThrow(coded('not-allowed'));
  });

  test('a node that does not do it is counted as missing, and asked again', async () => {
    const [a] = await party.acquainted();
    const { id } = a.engine.send(bob, 'oops');
    await party.settle();
    party.office.silentMembers = [1];
    a.engine.deleteForEveryone([id]);
    await party.clock.advance(3000);
    expect(a.engine.deletion(id)).toMatchObject({ nodes: 1, ofNodes: 2 });
    party.office.silentMembers = [];
    await party.clock.advance(60_000);
    expect(a.engine.deletion(id)).toMatchObject({ nodes: 2, ofNodes: 2 });
  });

  test('what has not left yet does not leave, and notes to self vanish everywhere', async () => {
    const [a, b] = await party.acquainted();
    const a2 = party.start(ALICE);
    const note = a.engine.send(alice, 'note');
    await party.settle();
    expect(bodies(a2, alice)).toEqual(['note']);
    party.office.setOpen(false);
    a.engine.deleteForEveryone([a.engine.send(bob, 'never').id, note.id]);
    party.office.setOpen(true);
    await party.settle();
    party.repeat();
    await party.settle();
    expect(bodies(a2, alice)).toEqual([]);
    expect(a.engine.messages(alice).messages).toEqual([]);
    // Nobody has seen it, so nobody is told that something was deleted, here neither.
    for (const device of [a, a2]) expect(bodies(device, bob)).toEqual(['Hello', 'Hi']);
    expect(bodies(b, alice)).toEqual(['Hello', 'Hi']);
    expect(party.written().filter(({ kind }) => kind === 'unsend')).toHaveLength(1);
  });

  test('what stops while its files are on their way vanishes', async () => {
    const [a, b] = await party.acquainted();
    const file = await a.engine.keepFile(new Uint8Array(1000));
    const { id } = a.engine.send(bob, { body: 'film', attachments: [{ file, contentType: 'video/mp4' }] });
    await party.clock.advance(1000);
    expect(a.engine.messages(bob).messages.at(-1)).toMatchObject({ delivery: 'sending' });
    a.engine.deleteForEveryone([id]);
    await party.settle();
    expect(bodies(a, bob)).toEqual(['Hello', 'Hi']);
    expect(bodies(b, alice)).toEqual(['Hello', 'Hi']);
  });

  test.each(['crash', 'later', 'retry'])('what may have left is taken back on both sides: %s', async (then) => {
    let [a, b] = await party.acquainted();
    party.office.fate = (method, accountId) => (method === 'store' && accountId === bob ? 'answer-lost' : 'delivered');
    const { id } = a.engine.send(bob, 'oops');
    await party.clock.until(() => bodies(b, alice).includes('oops'));
    if (then === 'crash') a = await party.restart(a, ALICE);
    if (then === 'retry') {
      party.office.fate = () => 'refused';
      await party.clock.advance(10_000);
      expect(a.engine.messages(bob).messages.at(-1)).toMatchObject({ delivery: 'failed' });
      party.office.setOpen(false);
      a.engine.retry(id);
    } else if (then === 'later') await party.clock.advance(3000);
    a.engine.deleteForEveryone([id]);
    party.office.fate = () => 'delivered';
    party.office.setOpen(true);
    await party.settle();
    expect(bodies(b, alice)).not.toContain('oops');
    expect(texts(a, bob).at(-1)).toMatchObject({ deleted: true });
    expect(texts(b, alice).at(-1)).toMatchObject({ deleted: true });
  });

  test('others cannot delete what they did not write', async () => {
    const [a, b] = await party.acquainted();
    const { sentAt } = a.engine.send(bob, 'mine');
    await party.settle();
    party.drop(EVE, bob, { unsendRequest: { timestamp: BigInt(sentAt), author: alice } });
    party.drop(EVE, bob, { dataMessage: { body: 'x' } });
    await party.settle();
    expect(bodies(b, alice)).toContain('mine');
  });
});

test('what is deleted here stays away here, and stays elsewhere', async () => {
  let [a, b] = await party.acquainted();
  const { id } = a.engine.send(bob, 'mine');
  await party.settle();
  a.engine.deleteHere([id, texts(a, bob)[1]!.id]);
  expect(() => a.engine.deleteHere([id])).toThrow(coded('not-found'));
  a = await party.restart(a, ALICE);
  party.repeat();
  // As a sender whose answer got lost stores it again: another hash, the same message.
  const hi = texts(b, alice)[1]!;
  party.drop(BOB, alice, { dataMessage: { body: 'Hi' } }, hi.sentAt);
  await party.settle();
  expect(bodies(a, bob)).toEqual(['Hello']);
  expect(bodies(b, alice)).toEqual(['Hello', 'Hi', 'mine']);
  const waiting = a.engine.send(bob, 'waits');
  a.engine.deleteHere([waiting.id]);
  await party.settle();
  expect(bodies(b, alice)).toEqual(['Hello', 'Hi', 'mine']);
});

test('a deleted conversation comes back only with something new; the contact is kept or forgotten as wished', async () => {
  let [a, b] = await party.acquainted();
  const late = texts(b, alice)[1]!;
  a.engine.deleteConversation(bob);
  expect(a.engine.conversations()).toEqual([]);
  expect(a.engine.contacts()).toMatchObject([{ accountId: bob }]);
  a = await party.restart(a, ALICE);
  party.repeat();
  party.drop(BOB, alice, { dataMessage: { body: 'very late' } }, late.sentAt - 5000);
  await party.settle();
  expect(a.engine.conversations()).toEqual([]);
  b.engine.send(alice, 'new');
  await party.settle();
  expect(bodies(a, bob)).toEqual(['new']);
  expect(a.engine.conversation(bob)).toMatchObject({ isRequest: false });
  a.engine.removeContact(bob);
  expect([a.engine.contacts(), a.engine.conversations(), a.engine.conversation(bob)]).toEqual([[], [], null]);
  party.repeat();
  await party.settle();
  expect(a.engine.conversations()).toEqual([]);
  b.engine.send(alice, 'who are you?');
  await party.settle();
  expect(a.engine.conversation(bob)).toMatchObject({ isRequest: true });
});

/** What may happen to three devices of two people. */
type Event =
  | { readonly kind: 'send' | 'react' | 'edit'; readonly who: number; readonly at: number }
  | { readonly kind: 'everyone' | 'here'; readonly who: number; readonly at: number }
  | { readonly kind: 'restart' | 'clear'; readonly who: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'again' | 'reverse' };

const who = fc.constantFrom(0, 1, 2);
const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('send', 'edit', 'react'), who, at: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('everyone', 'here'), who, at: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart', 'clear'), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(10, 1500, 20_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('again', 'reverse') }) },
);

const PEOPLE = [ALICE, ALICE, BOB];

test('whatever is delivered late, twice or in another order, what was deleted does not come back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(events, { maxLength: 15 }), async (happening) => {
      party = new Party();
      const devices: Device[] = PEOPLE.map((person) => party.start(person));
      const other = (device: Device) => (device.account.accountId === alice ? bob : alice);
      /** Texts that must not be seen any more: on one device, or on all once it knows. */
      const hidden = devices.map(() => new Set<string>());
      const takenBack = new Set<string>();
      let number = 0;
      devices[0]!.engine.send(bob, 'begin, says Alice');
      devices[2]!.engine.send(alice, 'begin, says Bob');
      await party.settle();
      const check = () => {
        for (const [index, device] of devices.entries()) {
          for (const body of bodies(device, other(device))) expect(hidden[index]!.has(body)).toBe(false);
        }
      };
      for (const event of happening) {
        const device = 'who' in event ? devices[event.who]! : null;
        const shown = device ? texts(device, other(device)).filter(({ deleted }) => !deleted) : [];
        const own = shown.filter(({ direction }) => direction === 'out');
        const pick = <T>(items: readonly T[], at: number) => items[at % Math.max(items.length, 1)];
        switch (event.kind) {
          case 'send':
            device!.engine.send(other(device!), `text ${number++}`);
            break;
          case 'edit': {
            const message = pick(own, event.at);
            if (message) device!.engine.edit(message.id, `text ${number++}`);
            if (message) hidden[event.who]!.add(message.body);
            break;
          }
          case 'react': {
            const message = pick(shown, event.at);
            if (message) device!.engine.react(message.id, '👍', true);
            break;
          }
          case 'everyone': {
            const message = pick(own, event.at);
            if (message) device!.engine.deleteForEveryone([message.id]);
            if (message) hidden[event.who]!.add(message.body);
            if (message) takenBack.add(message.body);
            break;
          }
          case 'here': {
            const message = pick(shown, event.at);
            if (message) device!.engine.deleteHere([message.id]);
            if (message) hidden[event.who]!.add(message.body);
            break;
          }
          case 'clear':
            for (const { body } of shown) hidden[event.who]!.add(body);
            if (device!.engine.conversation(other(device!))) device!.engine.deleteConversation(other(device!));
            break;
          case 'restart':
            devices[event.who] = await party.restart(device!, PEOPLE[event.who]!);
            break;
          case 'wait':
            await party.clock.advance(event.ms);
            break;
          case 'again':
            party.repeat();
            break;
          default:
            for (const kept of party.office.kept) kept.reverse();
        }
        // Two devices of an account that write within the same ms are told apart by nobody (messages §5.1).
        await party.clock.advance(1);
        check();
      }
      await party.clock.advance(60_000);
      party.repeat();
      await party.clock.advance(60_000);
      check();
      for (const device of devices) {
        for (const body of bodies(device, other(device))) expect(takenBack.has(body)).toBe(false);
      }
      await party.end();
    }),
    { numRuns: 12 },
  );
}, 180_000);
