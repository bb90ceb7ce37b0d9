/**
 * How fast a device catches up on waiting messages, with everything that happens to each: opening, checking, storing,
 * telling. Beside it the same without anything but the cryptography, which no engine can be faster than. Then how long it
 * takes to open a conversation of 100,000 messages.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveAccount } from '@sotto/wire/account';
import { encodeContent } from '@sotto/wire/content';
import { openMessage, sealMessage } from '@sotto/wire/message';
import { ChangeFeed } from '../../packages/client/src/conversation/change-feed.ts';
import { Inbox } from '../../packages/client/src/conversation/inbox.ts';
import type { StoredMessage } from '../../packages/client/src/conversation/mailbox-namespace.ts';
import { TypingBoard } from '../../packages/client/src/conversation/typing-board.ts';
import { AccountTable } from '../../packages/client/src/store/account-table.ts';
import { Database } from '../../packages/client/src/store/database.ts';
import { PLAIN_MESSAGE } from '../../packages/client/src/store/message-table.ts';
import { ProfileStore } from '../../packages/client/src/store/profile-store.ts';
import { silentLogger, systemClock, systemRandom } from '../../packages/client/src/surroundings.ts';

const WAITING = 10_000;
const LONG = 100_000;
const now = Date.now();
const us = deriveAccount(systemRandom(16));
const friends = Array.from({ length: 20 }, () => deriveAccount(systemRandom(16)));

const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
const database = Database.open(join(folder, 'profile.db'), systemRandom(32), 'create');
try {
  new AccountTable(database).create({ seed16: us.seed16, name: 'Ada', nameChangedAt: now, createdAt: now });
  const store = new ProfileStore(database, us.accountId);
  const messages = Array.from({ length: WAITING }, (_, number) => stored(number));
  const floor = time(() => {
    for (const { data } of messages) openMessage(data, us);
  });
  const feed = new ChangeFeed();
  const typing = new TypingBoard(systemClock, () => {});
  const inbox = new Inbox({ store, account: us, feed, typing, log: silentLogger, onWork: () => {} });
  const whole = time(() => {
    for (let start = 0; start < WAITING; start += inbox.chunk)
      inbox.take(messages.slice(start, start + inbox.chunk), now);
  });
  console.log(`opening alone        ${rate(floor)}`);
  console.log(`catching up          ${rate(whole)}, ${(whole / floor).toFixed(2)} times the opening`);

  const id = friends[0]!.accountId;
  database.transaction(() => {
    for (let number = 0; number < LONG; number++) {
      const sentAt = now - 10 * LONG * 1000 + number * 1000;
      store.messages.insert({
        ...PLAIN_MESSAGE,
        conversationId: id,
        author: id,
        outgoing: false,
        sentAt,
        placedAt: sentAt,
        body: `An older message, number ${number}`,
        unread: number % 4 === 0,
      });
      if (number % 10 > 0) continue;
      const message = { author: id, sentAt };
      store.reactions.put({ conversationId: id, message, author: us.accountId, emoji: '👍', sentAt, removed: false });
    }
  });
  const views = Array.from({ length: 20 }, () =>
    time(() => {
      store.conversationView.list();
      store.messageView.page(id, undefined, 50);
    }),
  ).sort((a, b) => a - b);
  console.log(
    `opening a conversation of ${LONG} messages: median ${views[10]!.toFixed(1)} ms, longest ${views.at(-1)!.toFixed(1)} ms`,
  );
} finally {
  database.close();
  rmSync(folder, { recursive: true, force: true });
}

function stored(number: number): StoredMessage {
  const sentAt = now - WAITING * 1000 + number * 1000;
  const body = `Message number ${number}, as long as messages are, with a word or two more`;
  const profile = { displayName: 'A friend', lastUpdateSeconds: BigInt(Math.floor(now / 1000)) };
  const content = encodeContent({ dataMessage: { body, profile }, sigTimestamp: BigInt(sentAt) });
  const sender = friends[number % friends.length]!;
  const data = sealMessage({ content, timestamp: sentAt, sender, recipient: us.accountId, random: systemRandom });
  return {
    hash: `hash of message number ${number} with 43 letters`,
    data,
    timestamp: sentAt,
    expiresAt: now + 1_209_600_000,
  };
}

/** Processor time, ms, which others on this machine do not lengthen. */
function time(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

function rate(ms: number): string {
  return `${Math.round(WAITING / (ms / 1000))} messages/s (${(ms / WAITING).toFixed(3)} ms each)`;
}
