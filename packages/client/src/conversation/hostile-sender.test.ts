import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveAccount } from '@sotto/wire/account';
import { type ContentInit, encodeContent } from '@sotto/wire/content';
import { sealMessage } from '@sotto/wire/message';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AccountTable } from '../store/account-table.ts';
import { Database } from '../store/database.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { silentLogger } from '../surroundings.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { ChangeFeed } from './change-feed.ts';
import { Inbox, type InboxParts } from './inbox.ts';
import { REMEMBER_AT_MOST_MS, type StoredMessage } from './mailbox-namespace.ts';
import { clearConversation } from './removal.ts';
import { Touched } from './touched.ts';
import { TypingBoard } from './typing-board.ts';

const NOW = 1_790_000_000_000;
const account = deriveAccount(new Uint8Array(16).fill(1));
const sender = deriveAccount(new Uint8Array(16).fill(2));
const random = seededRandom('hostile sender');

let folder: string;
let database: Database;
let store: ProfileStore;
let number = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-hostile-'));
  database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  new AccountTable(database).create({ seed16: account.seed16, name: 'A', nameChangedAt: NOW, createdAt: NOW });
  store = new ProfileStore(database, account.accountId);
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function inbox(parts: Partial<InboxParts> = {}): Inbox {
  const typing = new TypingBoard(new ManualClock(NOW), () => {});
  return new Inbox({
    store,
    account,
    feed: new ChangeFeed(),
    typing,
    log: silentLogger,
    onWork: () => {},
    ...parts,
  });
}

function sealed(content: ContentInit, sentAt = NOW): StoredMessage {
  const recipient = account.accountId;
  const data = sealMessage({ content: encodeContent(content), timestamp: sentAt, sender, recipient, random });
  return { hash: `hash ${number++}`, data, timestamp: sentAt, expiresAt: NOW };
}

function count(table: string): number {
  return database.get(`SELECT count(*) AS count FROM ${table}`)!.count as number;
}

const shown = () => store.messageView.page(sender.accountId, undefined, 10).messages.map(({ body }) => body);

test.each([2n ** 63n, 2n ** 64n - 1n, 5n * 10n ** 18n, 10n ** 16n])(
  'a profile that says it was changed at %s keeps neither its message nor the list of conversations from us',
  (lastUpdateSeconds) => {
    const profile = { displayName: 'Eve', lastUpdateSeconds };
    expect(inbox().take([sealed({ dataMessage: { body: 'Hello', profile } })], NOW)).toBe(1);
    expect(store.conversationView.list()).toMatchObject([{ name: 'Eve' }]);
    expect(shown()).toEqual(['Hello']);
  },
);

test('reactions are kept for messages of the conversation only, and none for ever by claiming the future', () => {
  const react = (author: string, sentAt: number) =>
    sealed({ dataMessage: { reaction: { id: 5n, author, emoji: '❤️', action: 0 } } }, sentAt);
  inbox().take([react('x'.repeat(60_000), NOW), react(`05${'00'.repeat(32)}`, NOW)], NOW);
  expect(count('reactions')).toBe(0);
  inbox().take([react(account.accountId, NOW + 100 * REMEMBER_AT_MOST_MS)], NOW);
  expect(count('reactions')).toBe(1);
  store.reactions.prune(NOW - REMEMBER_AT_MOST_MS, NOW);
  expect(count('reactions')).toBe(0);
});

test('one receipt names so many messages at most, and one reader not endlessly many that are not here', () => {
  store.settings.write({ readReceipts: true });
  const receipt = (start: number, sentAt: number) => {
    const timestamp = Array.from({ length: 15_000 }, (_, index) => BigInt(start + index));
    return sealed({ receiptMessage: { type: 1, timestamp } }, sentAt);
  };
  inbox().take([receipt(0, NOW)], NOW);
  expect(count('early_receipts')).toBeLessThanOrEqual(1000);
  inbox().take(
    Array.from({ length: 5 }, (_, index) => receipt((index + 1) * 15_000, NOW + index + 1)),
    NOW,
  );
  expect(count('early_receipts')).toBeLessThanOrEqual(2000);
});

test('an edit does not bring back a message of a conversation that was deleted', () => {
  const first = sealed({ dataMessage: { body: 'first' } }, NOW - 10_000);
  const edit = sealed({ dataMessage: { body: 'edited', sotto: { replaces: BigInt(NOW - 10_000) } } }, NOW + 5000);
  inbox().take([first], NOW);
  store.transaction(() => clearConversation(sender.accountId, NOW, store, new Touched()));
  inbox().take([edit], NOW + 6000);
  expect(shown()).toEqual([]);
});

test('a node that makes a message look old does not have it dropped', () => {
  const isStale = (_: string, storedAt: number) => storedAt < NOW - 120_000;
  const message = { ...sealed({ dataMessage: { body: 'Hello' } }), timestamp: 1 };
  expect(inbox({ isStale }).take([message], NOW)).toBe(1);
});

test.each([
  ['\u202eevE', 'evE'],
  ['E\u200bve\u2060', 'Eve'],
  ['Eve\nAdmin', 'Eve Admin'],
  ['Łukasz 李 👩‍👩‍👧', 'Łukasz 李 👩‍👩‍👧'],
  ['می‌خواهم', 'می‌خواهم'],
  ['\u200b\u2060\ufeff', null],
  ['\u3164', null],
  ['\u2800 \u2800', null],
  ['\u200d\ufe0f', null],
  ['\u0301', null],
])('a name is what can be seen of it: %j', (displayName, name) => {
  inbox().take([sealed({ dataMessage: { body: 'Hello', profile: { displayName } } })], NOW);
  expect(store.conversationView.list()).toMatchObject([{ name }]);
});

test('what is no emoji is no reaction', () => {
  const react = (emoji: string, sentAt: number) =>
    sealed({ dataMessage: { reaction: { id: BigInt(NOW), author: sender.accountId, emoji, action: 0 } } }, sentAt);
  inbox().take([sealed({ dataMessage: { body: 'Hello' } }), react('✅ paid', NOW + 1), react('❤️', NOW + 2)], NOW);
  const [message] = store.messageView.page(sender.accountId, undefined, 10).messages;
  expect(message!.reactions).toEqual([{ emoji: '❤️', authors: [sender.accountId] }]);
});

test('a call that is offered again at the time of a message keeps its notice, and the message stays', () => {
  const warnings: unknown[] = [];
  const offer = (sentAt: number) => sealed({ callMessage: { type: 1, uuid: 'call', sdps: ['x'] } }, sentAt);
  store.conversations.ensure(sender.accountId, NOW);
  store.conversations.update(sender.accountId, { approved: true });
  const log = { ...silentLogger, warn: (...warning: unknown[]) => void warnings.push(warning) };
  inbox({ log }).take([offer(NOW - 10), sealed({ dataMessage: { body: 'Hello' } }, NOW - 20), offer(NOW - 20)], NOW);
  expect(store.messageView.page(sender.accountId, undefined, 10).messages).toMatchObject([
    { body: 'Hello' },
    { kind: 'missed-call', sentAt: NOW - 10 },
  ]);
  expect(warnings).toEqual([]);
});

test('an invitation is told as read like any message', () => {
  const communityInvitation = { url: 'https://chat.test/room?public_key=00', name: 'Room' };
  inbox().take([sealed({ dataMessage: { communityInvitation } })], NOW);
  expect(store.messages.markRead(sender.accountId, { until: NOW, named: null })!.times).toEqual([NOW]);
});

test.each([1, 2] as const)(
  'what is left of a deleted message disappears, too, read or not (type %i)',
  (expirationType) => {
    const expiry: ContentInit = { expirationType, expirationTimer: 60 };
    const unsent = sealed({ unsendRequest: { timestamp: BigInt(NOW), author: sender.accountId } }, NOW + 1);
    inbox().take([sealed({ dataMessage: { body: 'Hello' }, ...expiry }), unsent], NOW);
    expect(store.messageView.page(sender.accountId, undefined, 10).messages).toMatchObject([
      { deleted: true, expiry: { at: NOW + 60_000 } },
    ]);
  },
);

test('of a name that is too long the end stays, and whom nobody can be is not quoted', () => {
  const fileName = `${'long '.repeat(100)}.tar.exe`;
  const attachment = { id: 0n, fileName, size: 5, url: 'http://files.test/file/1' };
  const quote = { id: 5n, author: 'x'.repeat(60_000) };
  inbox().take([sealed({ dataMessage: { body: 'Hello', attachments: [attachment], quote } })], NOW);
  const [message] = store.messageView.page(sender.accountId, undefined, 10).messages;
  expect(message).toMatchObject({
    quote: null,
    attachments: [{ fileName: expect.stringMatching(/^long .*….*\.tar\.exe$/) }],
  });
  expect(message!.attachments[0]!.fileName).toHaveLength(255);
});

test.each([
  [`@${account.accountId}`, true],
  [`see @${account.accountId.slice(2).toUpperCase()}!`, true],
  [account.accountId, false],
  [`@${account.accountId}0`, false],
  [`@${sender.accountId}`, false],
])('%s mentions us: %s', (body, mentionsUs) => {
  inbox().take([sealed({ dataMessage: { body } })], NOW);
  expect(store.messageView.page(sender.accountId, undefined, 10).messages).toMatchObject([{ mentionsUs }]);
});
