import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveAccount } from '@sotto/wire/account';
import { encodeContent } from '@sotto/wire/content';
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
import { INBOX_NAMESPACE, Inbox } from './inbox.ts';
import type { StoredMessage } from './mailbox-namespace.ts';
import { removeMessage } from './removal.ts';
import { Touched } from './touched.ts';
import { TypingBoard } from './typing-board.ts';

const NOW = 1_790_000_000_000;
const account = deriveAccount(new Uint8Array(16).fill(1));
const sender = deriveAccount(new Uint8Array(16).fill(2));
const random = seededRandom('inbox');

let folder: string;
let database: Database;
let store: ProfileStore;
let inbox: Inbox;
let number = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-inbox-'));
  database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  new AccountTable(database).create({ seed16: account.seed16, name: 'A', nameChangedAt: NOW, createdAt: NOW });
  store = new ProfileStore(database, account.accountId);
  const typing = new TypingBoard(new ManualClock(NOW), () => {});
  inbox = new Inbox({ store, account, feed: new ChangeFeed(), typing, log: silentLogger, onWork: () => {} });
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function stored(data: Uint8Array): StoredMessage {
  return { hash: `hash ${number++}`, data, timestamp: NOW, expiresAt: NOW };
}

function sealed(content: Uint8Array, timestamp = NOW): StoredMessage {
  return stored(sealMessage({ content, timestamp, sender, recipient: account.accountId, random }));
}

test('whatever bytes a mailbox holds, they are dealt with once and change nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, isSealed) => {
      const message = isSealed ? sealed(bytes) : stored(bytes);
      expect(inbox.take([message, message], NOW)).toBe(0);
      expect(store.seen.has(INBOX_NAMESPACE, message.hash)).toBe(true);
      expect(store.conversationView.list()).toEqual([]);
    }),
  );
});

test('a message that our own fault cannot handle does not stop those after it', () => {
  const first = sealed(encodeContent({ dataMessage: { body: 'first' } }));
  const second = sealed(encodeContent({ dataMessage: { body: 'second' } }), NOW + 1);
  const insert = store.messages.insert.bind(store.messages);
  store.messages.insert = (message) => {
    if (message.body === 'first') throw new TypeError('a fault');
    return insert(message);
  };
  expect(inbox.take([first, second, second], NOW)).toBe(1);
  expect(store.messageView.page(sender.accountId, undefined, 10).messages.map(({ body }) => body)).toEqual(['second']);
});

test('when the database fails, nothing is marked as seen, and it comes again', () => {
  const message = sealed(encodeContent({ dataMessage: { body: 'x'.repeat(9000) } }));
  database.script('PRAGMA max_page_count = 1');
  expect(() => inbox.take([message], NOW)).toThrow(expect.objectContaining({ code: 'disk-full' }));
  database.script('PRAGMA max_page_count = 1000000');
  expect(inbox.take([message], NOW)).toBe(1);
  expect(store.messageView.page(sender.accountId, undefined, 10).messages).toHaveLength(1);
});

test('however much a node makes up, little of it is kept, and what was deleted or is here does not come again', () => {
  const here = sealed(encodeContent({ dataMessage: { body: 'here' } }));
  const deleted = sealed(encodeContent({ dataMessage: { body: 'deleted' } }), NOW + 1);
  inbox.take([here, deleted], NOW);
  const ofDeleted = { author: sender.accountId, sentAt: NOW + 1 };
  removeMessage(store.messages.find(ofDeleted)!, store, new Touched());
  const flood = Array.from({ length: 11_000 }, (_, index) => stored(Uint8Array.of(index, index >> 8)));
  for (let start = 0; start < flood.length; start += 1000) {
    expect(inbox.take(flood.slice(start, start + 1000), NOW + 1 + start)).toBe(0);
  }
  expect(database.get('SELECT count(*) AS count FROM seen')!.count).toBe(10_002);
  for (const { hash } of [here, deleted, flood.at(-1)!]) expect(store.seen.has(INBOX_NAMESPACE, hash)).toBe(true);
  expect(store.seen.has(INBOX_NAMESPACE, flood[0]!.hash)).toBe(false);
  // Also if their hashes were forgotten, because there were so many messages.
  database.script('DELETE FROM seen');
  expect(inbox.take([here, deleted, ...flood.slice(0, 10)], NOW)).toBe(0);
  expect(store.messageView.page(sender.accountId, undefined, 10).messages.map(({ body }) => body)).toEqual(['here']);
});

test('of hashes of messages the oldest go when there are far too many', () => {
  const add = (first: number, count: number, now: number) =>
    database.run(
      `WITH RECURSIVE numbers (number) AS (SELECT @first UNION ALL SELECT number + 1 FROM numbers WHERE number < @last)
       INSERT INTO seen (namespace, hash, expires_at, noted_at) SELECT 0, 'hash ' || number, @expiresAt, @now FROM numbers`,
      { first, last: first + count - 1, expiresAt: NOW + 1000, now },
    );
  add(0, 10, NOW);
  add(10, 200_000, NOW + 1);
  store.seen.prune(NOW);
  expect(database.get('SELECT count(*) AS count, min(noted_at) AS oldest FROM seen')).toEqual({
    count: 200_000,
    oldest: NOW + 1,
  });
});

test('a hash is remembered as long as any node may have the message, whatever the node says', () => {
  const [short, long] = [stored(Uint8Array.of(1)), stored(Uint8Array.of(2))];
  inbox.take(
    [
      { ...short, expiresAt: 5 },
      { ...long, expiresAt: Number.MAX_SAFE_INTEGER },
    ],
    NOW,
  );
  store.seen.prune(NOW + 14 * 86_400_000);
  expect(store.seen.has(INBOX_NAMESPACE, short.hash)).toBe(true);
  store.seen.prune(NOW + 32 * 86_400_000);
  expect(store.seen.has(INBOX_NAMESPACE, long.hash)).toBe(false);
});
