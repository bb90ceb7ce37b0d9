import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { KeptMessage } from '../testing/mailbox-node.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { accountOf, bodies, copyOf, type Device, discard, onCommit, startDevice, texts } from '../testing/person.ts';
import { type Fate, PostOffice } from '../testing/post-office.ts';

const START = 1_790_000_000_000;
const ALICE = 1;
const BOB = 2;
const alice = accountOf(ALICE).accountId;
const bob = accountOf(BOB).accountId;

/** What a crash leaves behind: the disk of the device, and what the nodes had done by then. */
interface Wreck {
  readonly folder: string;
  readonly kept: readonly (readonly KeptMessage[])[];
  readonly at: number;
}

let wrecks: Wreck[] = [];
let devices: Device[] = [];

afterEach(async () => {
  await Promise.all(devices.map(discard));
  for (const { folder } of wrecks) rmSync(folder, { recursive: true, force: true });
  wrecks = [];
  devices = [];
});

function start(options: Parameters<typeof startDevice>[0]): Device {
  const device = startDevice(options);
  devices.push(device);
  return device;
}

/** Keeps the wreck of a crash after every change on disk and after everything that a node does. */
function watch(device: Device, office: PostOffice, clock: ManualClock): void {
  const keep = () => {
    wrecks.push({ folder: copyOf(device), kept: office.kept.map((messages) => [...messages]), at: clock.now() });
  };
  onCommit(device.database, keep);
  office.onActed = keep;
}

describe('a crash between any two steps', () => {
  test('of sending loses nothing and shows nothing twice', async () => {
    const clock = new ManualClock(START);
    const office = new PostOffice(clock);
    const a = start({ clock, office, person: ALICE });
    watch(a, office, clock);
    a.engine.send(bob, 'one');
    a.engine.send(bob, 'two');
    a.engine.send(alice, 'note');
    await clock.until(() => office.mailbox(alice).length === 3 && office.mailbox(bob).length === 2);
    await clock.advance(10_000);
    office.onActed = () => {};
    expect(wrecks.length).toBeGreaterThan(20);
    for (const wreck of wrecks) {
      const later = new ManualClock(wreck.at);
      const office = new PostOffice(later, wreck.kept);
      const [a1, a2, b] = [
        start({ clock: later, office, person: ALICE, from: wreck.folder }),
        start({ clock: later, office, person: ALICE }),
        start({ clock: later, office, person: BOB }),
      ];
      const written = bodies(a1, bob);
      const notes = bodies(a1, alice);
      expect(['one', 'two'].slice(0, written.length)).toEqual(written);
      await later.advance(30_000);
      for (const device of [a1, a2]) {
        expect(bodies(device, bob)).toEqual(written);
        expect(bodies(device, alice)).toEqual(notes);
        const states = [bob, alice].flatMap((id) =>
          device.engine.messages(id).messages.map(({ delivery }) => delivery),
        );
        expect(states.every((state) => state === 'stored')).toBe(true);
      }
      expect(bodies(b, alice)).toEqual(written);
      await Promise.all([a1, a2, b].map((device) => device.engine.close()));
    }
  }, 240_000);

  test('of receiving loses nothing and shows nothing twice', async () => {
    const clock = new ManualClock(START);
    const office = new PostOffice(clock);
    const b = start({ clock, office, person: BOB });
    for (const text of ['one', 'two', 'three']) b.engine.send(alice, text);
    await clock.until(() => office.mailbox(alice).length === 3);
    await b.engine.close();
    const a = start({ clock, office, person: ALICE });
    watch(a, office, clock);
    await clock.advance(10_000);
    expect(bodies(a, bob)).toEqual(['one', 'two', 'three']);
    office.onActed = () => {};
    expect(wrecks.length).toBeGreaterThan(8);
    for (const wreck of wrecks) {
      const later = new ManualClock(wreck.at);
      const office = new PostOffice(later, wreck.kept);
      const again = start({ clock: later, office, person: ALICE, from: wreck.folder });
      await later.advance(10_000);
      expect(bodies(again, bob)).toEqual(['one', 'two', 'three']);
      expect(again.engine.conversation(bob)).toMatchObject({ unread: 3, isRequest: true, name: 'Person 2' });
      await again.engine.close();
    }
  }, 240_000);
});

/** Something that happens to two people who write to each other. */
type Event =
  | { readonly kind: 'send'; readonly from: number; readonly text: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart'; readonly who: number }
  | { readonly kind: 'fate'; readonly fate: Fate }
  | { readonly kind: 'duplicate' | 'shuffle' | 'cut' };

const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('send'),
      from: fc.constantFrom(0, 1, 2),
      text: fc.string({ minLength: 1, maxLength: 5 }).filter((text) => text.trim() !== ''),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 8000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart'), who: fc.constantFrom(0, 1, 2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fate'),
      fate: fc.constantFrom<Fate>('delivered', 'answer-lost', 'unreachable', 'offline'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('duplicate', 'shuffle', 'cut') }) },
);

/** The persons of the three devices: two of one account, one of another. */
const PERSONS = [ALICE, ALICE, BOB];

test('whatever is lost, repeated, reordered or restarted, all devices end with the same conversation', async () => {
  const schedule = fc.array(events, { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(schedule, async (happening) => {
      const clock = new ManualClock(START);
      const office = new PostOffice(clock);
      const party = PERSONS.map((person) => start({ clock, office, person }));
      const sent: string[] = [];
      for (const event of happening) {
        switch (event.kind) {
          case 'send': {
            const device = party[event.from]!;
            const message = device.engine.send(device.account.accountId === alice ? bob : alice, event.text);
            sent.push(`${message.author} ${message.sentAt} ${message.body}`);
            // Two devices of an account that write within the same ms are told apart by nobody (messages §5.1).
            await clock.advance(1);
            break;
          }
          case 'wait':
            await clock.advance(event.ms);
            break;
          case 'restart': {
            const from = copyOf(party[event.who]!);
            await party[event.who]!.engine.close();
            party[event.who] = start({ clock, office, person: PERSONS[event.who]!, from });
            break;
          }
          case 'fate':
            office.fate = (method) => (method === 'store' ? event.fate : 'delivered');
            break;
          default:
            disturb(office, event.kind);
        }
      }
      office.fate = () => 'delivered';
      office.setOpen(false);
      await clock.advance(1000);
      office.setOpen(true);
      await clock.advance(60_000);
      const views = party.map((device) => {
        const messages = texts(device, device.account.accountId === alice ? bob : alice);
        expect(messages.every(({ delivery }) => delivery === null || delivery === 'stored')).toBe(true);
        return messages.map(({ author, sentAt, body }) => `${author} ${sentAt} ${body}`);
      });
      await Promise.all(devices.map(discard));
      expect(devices.flatMap(({ warnings }) => warnings)).toEqual([]);
      devices = [];
      expect([...views[0]!].sort()).toEqual([...sent].sort());
      // Equal times of two people may stand either way round.
      for (const view of views) expect([...view].sort()).toEqual([...views[0]!].sort());
      for (const view of views) expect(timesOf(view)).toEqual(timesOf(view).sort((a, b) => a - b));
    }),
    { numRuns: 40 },
  );
}, 120_000);

/** Makes the nodes give what they have twice, in another order, or from the beginning again. */
function disturb(office: PostOffice, kind: 'duplicate' | 'shuffle' | 'cut'): void {
  for (const kept of office.kept) {
    if (kind === 'shuffle') kept.reverse();
    else if (kind === 'duplicate') kept.push(...kept.slice(0, 5));
    // A node that lost its newest message gets it again, at the end, where cursors do not expect it.
    else kept.unshift(...kept.splice(-1));
  }
}

function timesOf(view: readonly string[]): number[] {
  return view.map((line) => Number(line.split(' ')[1]));
}
