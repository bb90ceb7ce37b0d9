/**
 * How long it takes to find words in 100,000 messages, and what it costs to keep such a profile safe: checking it, and
 * writing its snapshot. The vocabulary follows Zipf's law, as languages do.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { SearchQuery } from '../../packages/client/src/engine.ts';
import { takeSnapshot, takeSnapshotAside } from '../../packages/client/src/safety/snapshot.ts';
import { AccountTable } from '../../packages/client/src/store/account-table.ts';
import { Database } from '../../packages/client/src/store/database.ts';
import { PLAIN_MESSAGE } from '../../packages/client/src/store/message-table.ts';
import { ProfileStore } from '../../packages/client/src/store/profile-store.ts';
import { systemRandom } from '../../packages/client/src/surroundings.ts';

const MESSAGES = 100_000;
const CONVERSATIONS = 50;
const VOCABULARY = 20_000;
const ROUNDS = 5;
const SYLLABLES = ['ka', 'to', 'mi', 'ren', 'sul', 'per', 'da', 'vo', 'lin', 'as', 'e', 'ur', 'ti', 'gro', 'wen', 'ya'];

const words = Array.from({ length: VOCABULARY }, (_, rank) =>
  rank
    .toString(16)
    .split('')
    .map((digit) => SYLLABLES[Number.parseInt(digit, 16)])
    .join(''),
);
const idOf = (number: number) => `05${number.toString(16).padStart(64, '0')}`;
const own = idOf(999);
const word = () => words[Math.floor(VOCABULARY ** Math.random()) - 1]!;

const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
const path = join(folder, 'profile.db');
const key = systemRandom(32);
let database = Database.open(path, key, 'create');
try {
  const now = Date.now();
  new AccountTable(database).create({ seed16: systemRandom(16), name: 'Ada', nameChangedAt: now, createdAt: now });
  fill(new ProfileStore(database, own), now);
  database.close();
  console.log(`the file             ${(statSync(path).size / 1e6).toFixed(1)} MB`);
  report('opening, checked', () => {
    database.close();
    database = Database.open(path, key, 'existing');
  });
  report('checking wholly', () => database.checkWholly());
  report('snapshot, at once', () => takeSnapshot(database, folder, now));
  await reportHold('snapshot, beside', () => takeSnapshotAside(database, folder, now, AbortSignal.any([])));
  let keys = [key, systemRandom(32)];
  report('another key', () => {
    database.changeKey(keys[0]!, keys[1]!);
    keys = keys.toReversed();
  });
  const store = new ProfileStore(database, own);
  search(store, 'a rare word', { text: words[VOCABULARY - 7]! });
  search(store, 'a usual word', { text: words[200]! });
  search(store, 'the most common word', { text: words[0]! });
  search(store, 'two common words', { text: `${words[1]} ${words[2]}` });
  search(store, 'one letter', { text: 't' });
  search(store, 'common, by a person', { text: words[0]!, author: idOf(7) });
  search(store, 'common, in a conversation', { text: words[0]!, conversationId: idOf(7) });
  search(store, 'common, on old days', { text: words[0]!, before: now - 90_000_000 });
  search(store, 'with an attachment', { text: words[0]!, hasAttachment: true });
} finally {
  database.close();
  rmSync(folder, { recursive: true, force: true });
}

/** What something costs that lets other things go on, and the longest that they have to wait for it. */
async function reportHold(name: string, work: () => Promise<void>): Promise<void> {
  let longest = 0;
  let isDone = false;
  const watching = (async () => {
    for (let last = performance.now(); !isDone; ) {
      await setImmediate();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  })();
  const start = performance.now();
  await work();
  const took = performance.now() - start;
  isDone = true;
  await watching;
  console.log(`${name.padEnd(27)} ${took.toFixed(0)} ms, others wait ${longest.toFixed(0)} ms at most`);
}

function fill(store: ProfileStore, now: number): void {
  store.transaction(() => {
    for (let number = 0; number < CONVERSATIONS; number++) {
      database.run('INSERT INTO conversations (id, last_activity_at) VALUES (@id, 1)', { id: idOf(number) });
    }
    for (let number = 0; number < MESSAGES; number++) {
      const conversationId = idOf(Math.floor(CONVERSATIONS * Math.random() ** 2));
      const outgoing = number % 2 === 0;
      const sentAt = now - (MESSAGES - number) * 1000;
      const id = store.messages.insert({
        ...PLAIN_MESSAGE,
        conversationId,
        author: outgoing ? own : conversationId,
        outgoing,
        sentAt,
        placedAt: sentAt,
        delivery: outgoing ? 'stored' : null,
        body: Array.from({ length: 3 + (number % 20) }, word).join(' '),
      });
      if (number % 50 === 0) addFile(store, id);
    }
  });
}

function addFile(store: ProfileStore, messageId: number): void {
  store.attachments.add(messageId, [
    {
      isPreview: false,
      contentType: 'image/png',
      fileName: null,
      size: 1,
      width: null,
      height: null,
      isVoice: false,
      caption: null,
      pointer: null,
      blob: null,
      isWanted: false,
    },
  ]);
}

function search(store: ProfileStore, name: string, query: SearchQuery): void {
  let hits = 0;
  report(
    name,
    () => {
      hits = store.search.find(query).length;
    },
    () => `, ${hits} hits shown`,
  );
}

/** The median of a few rounds. */
function report(name: string, work: () => void, rest: () => string = () => ''): void {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  const median = times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
  console.log(`${name.padEnd(27)} ${median.toFixed(1)} ms${rest()}`);
}
