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
    | 'saved';
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
  const reaction = { id: BigInt(NOW + target), author: author(at % 2 === 0), emoji: at % 3 === 0 ? '👍' : '❤️' };
  switch (kind) {
    case 'text':
      return {
        dataMessage: { body: `text ${at}`, quote: { id: BigInt(NOW + target), author: them.accountId }, ...syncTarget },
      };
    case 'edit': {
      // Of a text of the same author, as nobody else edits it and nothing else can be edited.
      const first = history.find((other) => other.kind === 'text' && other.ours === ours && other.at < at);
      const sotto = first ? { sotto: { replaces: BigInt(NOW + first.at) } } : {};
      return { dataMessage: { body: `edit ${at}`, ...sotto, ...syncTarget } };
    }
    case 'unsend':
      return { unsendRequest: { timestamp: BigInt(NOW + target), author: author(ours) } };
    case 'react':
      return { dataMessage: { reaction: { ...reaction, action: 0 }, ...syncTarget } };
    case 'unreact':
      return { dataMessage: { reaction: { ...reaction, action: 1 }, ...syncTarget } };
    case 'receipt':
      return { receiptMessage: { type: 1, timestamp: [BigInt(NOW + target)] } };
    case 'timer':
      return { dataMessage: { flags: 2, ...syncTarget }, expirationType: 2, expirationTimer: 100_000 + at };
    case 'call':
      return { callMessage: { type: 1, uuid: `call ${target % 3}`, sdps: ['x'] } };
    case 'take-call':
      return { callMessage: { type: ours ? 2 : 5, uuid: `call ${target % 3}`, sdps: ['x'] } };
    case 'saved':
      return { dataExtractionNotification: { type: 2, timestamp: BigInt(NOW + target) } };
  }
}

let number = 0;

function stored(message: Said, history: readonly Said[]): StoredMessage {
  const sentAt = NOW + message.at;
  const content = encodeContent({ ...contentOf(message, history), sigTimestamp: BigInt(sentAt) });
  const sender = message.ours ? us : them;
  const data = sealMessage({ content, timestamp: sentAt, sender, recipient: us.accountId, random });
  return { hash: `hash ${number++}`, data, timestamp: sentAt, expiresAt: NOW + 1_209_600_000 };
}

class Undo extends Error {}

/** What a device shows that gets messages in this order; it forgets it again. */
function shownAfter(messages: readonly StoredMessage[], batch: number): unknown {
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

/** Whom it talks with it knows before. */
function show(messages: readonly StoredMessage[], batch: number): unknown {
  const store = new ProfileStore(database, us.accountId);
  store.settings.write({ readReceipts: true });
  store.conversations.ensure(them.accountId, NOW);
  store.conversations.update(them.accountId, { approved: true, approvedUs: true });
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
    inbox.take(messages.slice(start, start + batch), NOW + 1000);
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
  const { unread, unreadMentions, disappearing, theirDisappearing, lastActivityAt } = store.conversationView.get(
    them.accountId,
  )!;
  return { shown, unread, unreadMentions, disappearing, theirDisappearing, lastActivityAt };
}

test('in whatever order and however often messages come, a conversation ends the same', () => {
  fc.assert(
    fc.property(
      history,
      fc.array(fc.nat(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 30 }),
      (history, order, batch) => {
        const inOrder = history.toSorted((a, b) => a.at - b.at).map((message) => stored(message, history));
        // Some come twice, sealed anew; and everything in another order.
        const twice = history.filter(({ target }) => target % 3 === 0).map((message) => stored(message, history));
        const all = [...inOrder, ...twice];
        const mixed = all
          .map((message, index) => ({ message, place: order[index] ?? index }))
          .sort((a, b) => a.place - b.place)
          .map(({ message }) => message);
        expect(shownAfter(mixed, batch)).toEqual(shownAfter(inOrder, 100));
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);
