import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveAccount } from '@sotto/wire/account';
import { type ContentInit, encodeContent } from '@sotto/wire/content';
import { sealMessage } from '@sotto/wire/message';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AccountTable } from '../store/account-table.ts';
import { Database } from '../store/database.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { silentLogger } from '../surroundings.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { ChangeFeed } from './change-feed.ts';
import { Inbox } from './inbox.ts';
import type { StoredMessage } from './mailbox-namespace.ts';
import { TypingBoard } from './typing-board.ts';

const NOW = 1_790_000_000_000;
const us = deriveAccount(new Uint8Array(16).fill(1));
const them = deriveAccount(new Uint8Array(16).fill(2));
const random = seededRandom('order');

let folder: string;
let database: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-order-'));
  database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  new AccountTable(database).create({ seed16: us.seed16, name: 'A', nameChangedAt: NOW, createdAt: NOW });
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One message of two people in one conversation: `at` and `target` name times, so that they can be about each other. */
interface Said {
  readonly kind:
    | 'text'
    | 'edit'
    | 'unsend'
    | 'react'
    | 'unreact'
    | 'receipt'
    | 'timer'
    | 'call'
    | 'take-call'
    | 'saved'
    | 'accept'
    | 'accept-by-link';
  readonly ours: boolean;
  readonly at: number;
  readonly target: number;
}

const said: fc.Arbitrary<Said> = fc.record({
  kind: fc.constantFrom(
    ...([
      'text',
      'text',
      'text',
      'edit',
      'edit',
      'unsend',
      'react',
      'unreact',
      'receipt',
      'timer',
      'call',
      'take-call',
      'saved',
    ] as const),
  ),
  ours: fc.boolean(),
  at: fc.integer({ min: 0, max: 40 }),
  target: fc.integer({ min: 0, max: 40 }),
});

/** Messages whose author and time are all different, as they are in life. */
const history = fc.uniqueArray(said, { maxLength: 25, selector: ({ ours, at }) => `${ours} ${at}` });

function contentOf({ kind, ours, at, target }: Said, history: readonly Said[]): ContentInit {
  const author = (isOurs: boolean) => (isOurs ? us : them).accountId;
  const syncTarget = ours ? { syncTarget: them.accountId } : {};
  const reaction = { id: BigInt(timeOf(target)), author: author(at % 2 === 0), emoji: at % 3 === 0 ? '👍' : '❤️' };
  switch (kind) {
    case 'text':
      return {
        dataMessage: {
          body: `text ${at}`,
          quote: { id: BigInt(timeOf(target)), author: them.accountId },
          ...syncTarget,
        },
      };
    case 'edit': {
      // Of a text of the same author, as nobody else edits it and nothing else can be edited.
      const first = history.find((other) => other.kind === 'text' && other.ours === ours && other.at < at);
      const sotto = first ? { sotto: { replaces: BigInt(timeOf(first.at)) } } : {};
      return { dataMessage: { body: `edit ${at}`, ...sotto, ...syncTarget } };
    }
    case 'unsend':
      return { unsendRequest: { timestamp: BigInt(timeOf(target)), author: author(ours) } };
    case 'react':
      return { dataMessage: { reaction: { ...reaction, action: 0 }, ...syncTarget } };
    case 'unreact':
      return { dataMessage: { reaction: { ...reaction, action: 1 }, ...syncTarget } };
    case 'receipt':
      return { receiptMessage: { type: 1, timestamp: [BigInt(timeOf(target))] } };
    case 'timer':
      return { dataMessage: { flags: 2, ...syncTarget }, expirationType: 2, expirationTimer: 100_000 + at };
    case 'call':
      return { callMessage: { type: 1, uuid: `call ${target % 3}`, sdps: ['x'] } };
    case 'take-call':
      return { callMessage: { type: ours ? 2 : 5, uuid: `call ${target % 3}`, sdps: ['x'] } };
    case 'saved':
      return { dataExtractionNotification: { type: 2, timestamp: BigInt(timeOf(target)) } };
    case 'accept':
      return { messageRequestResponse: { isApproved: true } };
    case 'accept-by-link':
      return { messageRequestResponse: { isApproved: true, sotto: { byLink: true } } };
  }
}

/** Far enough from each other that who wrote at one of them may have read what was written at the one before. */
function timeOf(place: number): number {
  return NOW + place * 20_000;
}

let number = 0;

function stored(message: Said, history: readonly Said[]): StoredMessage {
  const sentAt = timeOf(message.at);
  const content = encodeContent({ ...contentOf(message, history), sigTimestamp: BigInt(sentAt) });
  const sender = message.ours ? us : them;
  const data = sealMessage({ content, timestamp: sentAt, sender, recipient: us.accountId, random });
  // Some had no network when they wrote.
  const isLate = message.kind === 'text' && message.target % 5 === 0 && history.every(({ kind }) => kind !== 'edit');
  const timestamp = isLate ? NOW + 600_000 : sentAt;
  return { hash: `hash ${number++}`, data, timestamp, expiresAt: NOW + 1_209_600_000 };
}

class Undo extends Error {}

/** What a device shows that gets messages in this order; it forgets it again. */
function shownAfter(messages: readonly StoredMessage[], batch: number, show: typeof showOfFriends): unknown {
  let shown: unknown;
  try {
    database.transaction(() => {
      shown = show(messages, batch);
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return shown;
}

/** Both have accepted each other before. */
function showOfFriends(messages: readonly StoredMessage[], batch: number): unknown {
  const store = new ProfileStore(database, us.accountId);
  store.settings.write({ readReceipts: true });
  store.conversations.ensure(them.accountId, NOW);
  store.conversations.update(them.accountId, { approved: true, approvedUs: true, answeredAt: 0 });
  return show(store, messages, batch);
}

/** What is between them is only in these messages. */
function showOfStrangers(messages: readonly StoredMessage[], batch: number): unknown {
  return show(new ProfileStore(database, us.accountId), messages, batch);
}

function show(store: ProfileStore, messages: readonly StoredMessage[], batch: number): unknown {
  const warnings: unknown[] = [];
  const inbox = new Inbox({
    store,
    account: us,
    feed: new ChangeFeed(),
    typing: new TypingBoard(new ManualClock(NOW), () => {}),
    log: { ...silentLogger, warn: (...warning) => void warnings.push(warning) },
    onWork: () => {},
  });
  for (let start = 0; start < messages.length; start += batch) {
    inbox.take(messages.slice(start, start + batch), NOW + 3_600_000);
  }
  expect(warnings).toEqual([]);
  const page = store.messageView.page(them.accountId, undefined, 200).messages;
  const identity = (id: string | null) => page.find((message) => message.id === id);
  const shown = page
    .map(({ id: _, quote, ...message }) => {
      const { author, sentAt } = identity(quote?.messageId ?? null) ?? {};
      return { ...message, quote: quote && { ...quote, messageId: `${author} ${sentAt}` } };
    })
    // Equal times may stand either way round.
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const conversation = store.conversationView.get(them.accountId);
  return { shown, conversation: conversation && { ...conversation, lastMessage: null } };
}

/** The same history in its own order, and as it may come: some of it twice, sealed anew, and everything in another order. */
function deliveries(history: readonly Said[], order: readonly number[]) {
  const inOrder = history.toSorted((a, b) => a.at - b.at).map((message) => stored(message, history));
  const twice = history.filter(({ target }) => target % 3 === 0).map((message) => stored(message, history));
  const mixed = [...inOrder, ...twice]
    .map((message, index) => ({ message, place: order[index] ?? index }))
    .sort((a, b) => a.place - b.place)
    .map(({ message }) => message);
  return { inOrder, mixed };
}

const order = fc.array(fc.nat(), { maxLength: 60 });
const batch = fc.integer({ min: 1, max: 30 });

test('in whatever order and however often messages come, a conversation ends the same', () => {
  fc.assert(
    fc.property(history, order, batch, (history, order, batch) => {
      const { inOrder, mixed } = deliveries(history, order);
      expect(shownAfter(mixed, batch, showOfFriends)).toEqual(shownAfter(inOrder, 100, showOfFriends));
    }),
    { numRuns: 150 },
  );
}, 120_000);

/** Only what does not need a conversation that is there already (messages §7 step 12); nobody accepts before being asked. */
const approach: fc.Arbitrary<Said> = fc
  .record({
    kind: fc.constantFrom(...(['text', 'text', 'edit', 'unsend', 'react', 'accept', 'accept-by-link'] as const)),
    ours: fc.boolean(),
    at: fc.integer({ min: 1, max: 12 }),
    target: fc.integer({ min: 0, max: 12 }),
  })
  .map((message) => (message.kind.startsWith('accept') ? { ...message, ours: false } : message));

test('who asked whom, and the notice that they accepted, do not depend on the order either', () => {
  const first: Said = { kind: 'text', ours: true, at: 0, target: 0 };
  const meeting = fc
    .tuple(fc.uniqueArray(approach, { maxLength: 6, selector: ({ ours, at }) => `${ours} ${at}` }), fc.boolean())
    .map(([history, weBegin]) => (weBegin ? [first, ...history] : history));
  fc.assert(
    fc.property(meeting, order, batch, (history, order, batch) => {
      const { inOrder, mixed } = deliveries(history, order);
      expect(shownAfter(mixed, batch, showOfStrangers)).toEqual(shownAfter(inOrder, 100, showOfStrangers));
    }),
    { numRuns: 300 },
  );
}, 120_000);
