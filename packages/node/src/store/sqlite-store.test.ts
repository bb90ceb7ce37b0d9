import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bytesToBase64Unpadded } from '@sotto/wire/bytes';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MessageStore, StoredMessage } from './message-store.ts';
import { openSqliteStore } from './sqlite-store.ts';

const ACCOUNT = new Uint8Array(33).fill(5);
const OTHER_ACCOUNT = new Uint8Array(33).fill(3);
const NO_LIMIT = { maxSize: 7_800_000 };

let folder: string;
let store: MessageStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-store-'));
  store = openSqliteStore({ path: join(folder, 'messages.db') });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function message(changes: Partial<StoredMessage> = {}): StoredMessage {
  return {
    hash: bytesToBase64Unpadded(randomBytes(32)),
    account: ACCOUNT,
    namespace: 0,
    timestamp: 1000,
    expiry: 2000,
    data: new Uint8Array([1, 2, 3]),
    ...changes,
  };
}

const hashesOf = (page: { messages: readonly StoredMessage[] }) => page.messages.map((each) => each.hash);

test('a stored message comes back unchanged, also after re-opening', async () => {
  const stored = message({ data: new Uint8Array([0, 255, 128]) });
  expect(await store.store(stored, false)).toEqual({ isNew: true, expiry: 2000 });
  await store.close();
  store = openSqliteStore({ path: join(folder, 'messages.db') });
  const { messages, more } = store.retrieve(ACCOUNT, 0, NO_LIMIT);
  expect(more).toBe(false);
  expect(messages.map((each) => ({ ...each, data: [...each.data], account: [...each.account] }))).toEqual([
    { ...stored, data: [0, 255, 128], account: [...ACCOUNT] },
  ]);
});

test('storing again only ever extends the expiry and keeps place and timestamp', async () => {
  const first = message();
  const second = message();
  await Promise.all([store.store(first, false), store.store(second, false)]);
  expect(await store.store({ ...first, expiry: 1500, timestamp: 9 }, false)).toEqual({ isNew: false, expiry: 2000 });
  expect(await store.store({ ...first, expiry: 3000, timestamp: 9 }, false)).toEqual({ isNew: false, expiry: 3000 });
  const { messages } = store.retrieve(ACCOUNT, 0, NO_LIMIT);
  expect(messages.map(({ hash, timestamp, expiry }) => ({ hash, timestamp, expiry }))).toEqual([
    { hash: first.hash, timestamp: 1000, expiry: 3000 },
    { hash: second.hash, timestamp: 1000, expiry: 2000 },
  ]);
});

test('reading finds what was written just before, and a write that is not awaited is not lost', async () => {
  const stored = message();
  const writing = store.store(stored, false);
  expect(hashesOf(store.retrieve(ACCOUNT, 0, NO_LIMIT))).toEqual([stored.hash]);
  const deleting = store.delete(ACCOUNT, [stored.hash]);
  expect(store.expiries(ACCOUNT, [stored.hash]).size).toBe(0);
  expect([await writing, await deleting]).toEqual([{ isNew: true, expiry: 2000 }, [stored.hash]]);
});

test('an outbox keeps the message with the greatest timestamp only', async () => {
  const older = message({ namespace: -1, timestamp: 10 });
  const newer = message({ namespace: -1, timestamp: 20 });
  await store.store(older, true);
  await store.store(newer, true);
  expect(hashesOf(store.retrieve(ACCOUNT, -1, NO_LIMIT))).toEqual([newer.hash]);
  expect(await store.store(older, true)).toEqual({ isNew: false, expiry: older.expiry });
  expect(hashesOf(store.retrieve(ACCOUNT, -1, NO_LIMIT))).toEqual([newer.hash]);
});

test('a cursor is valid in its own mailbox only', async () => {
  const messages = [message(), message(), message()];
  for (const each of messages) await store.store(each, false);
  const elsewhere = message({ namespace: 5 });
  await store.store(elsewhere, false);
  const [first, , last] = messages as [StoredMessage, StoredMessage, StoredMessage];
  expect(hashesOf(store.retrieve(ACCOUNT, 0, { ...NO_LIMIT, after: first.hash }))).toHaveLength(2);
  expect(hashesOf(store.retrieve(ACCOUNT, 0, { ...NO_LIMIT, after: last.hash }))).toEqual([]);
  expect(hashesOf(store.retrieve(ACCOUNT, 0, { ...NO_LIMIT, after: elsewhere.hash }))).toHaveLength(3);
  expect(hashesOf(store.retrieve(OTHER_ACCOUNT, 0, NO_LIMIT))).toEqual([]);
  await store.delete(ACCOUNT, [first.hash]);
  await store.store(first, false);
  expect(hashesOf(store.retrieve(ACCOUNT, 0, NO_LIMIT)).at(-1)).toBe(first.hash);
});

test('delete touches the own account only and answers sorted', async () => {
  const own = [message(), message(), message({ namespace: 11 })];
  const foreign = message({ account: OTHER_ACCOUNT });
  for (const each of [...own, foreign]) await store.store(each, false);
  const asked = [...own.map((each) => each.hash), own[0]!.hash, foreign.hash, 'x'.repeat(43)];
  expect(await store.delete(ACCOUNT, asked)).toEqual(own.map((each) => each.hash).sort());
  expect(hashesOf(store.retrieve(OTHER_ACCOUNT, 0, NO_LIMIT))).toEqual([foreign.hash]);
});

test('whole mailboxes are deleted by namespace, by account and up to a timestamp', async () => {
  const early = message({ timestamp: 10 });
  const late = message({ timestamp: 11 });
  const elsewhere = message({ namespace: -42, timestamp: 10 });
  for (const each of [early, late, elsewhere]) await store.store(each, false);
  expect(await store.deleteAll(ACCOUNT, 0, 10)).toEqual([{ hash: early.hash, namespace: 0 }]);
  expect((await store.deleteAll(ACCOUNT, 'all')).map((each) => each.namespace).sort()).toEqual([-42, 0]);
});

test('expire sets, extends or shortens', async () => {
  const low = message({ expiry: 1000 });
  const high = message({ expiry: 3000 });
  for (const each of [low, high]) await store.store(each, false);
  const hashes = [low.hash, high.hash, 'x'.repeat(43)];
  const extended = await store.expire(ACCOUNT, hashes, [2000], 'extend');
  expect([...extended.updated]).toEqual([[low.hash, 2000]]);
  expect([...extended.unchanged]).toEqual([[high.hash, 3000]]);
  const shortened = await store.expire(ACCOUNT, hashes, [2000], 'shorten');
  expect([...shortened.updated]).toEqual([[high.hash, 2000]]);
  const set = await store.expire(ACCOUNT, hashes.slice(0, 2), [5000, 4000], 'set');
  expect(set.updated.size).toBe(2);
  expect(store.expiries(ACCOUNT, hashes)).toEqual(
    new Map([
      [low.hash, 5000],
      [high.hash, 4000],
    ]),
  );
  expect(await store.expireAll(ACCOUNT, 'all', 4500)).toEqual([{ hash: low.hash, namespace: 0 }]);
});

test('the clean-up removes messages at their expiry', async () => {
  const gone = message({ expiry: 100 });
  const kept = message({ expiry: 101 });
  for (const each of [gone, kept]) await store.store(each, false);
  expect(await store.removeExpired(100)).toBe(1);
  expect(hashesOf(store.retrieve(ACCOUNT, 0, NO_LIMIT))).toEqual([kept.hash]);
});

test('the 50 newest revocations of an account are kept', async () => {
  const tokens = Array.from({ length: 51 }, (_, index) => new Uint8Array(36).fill(index));
  for (const [index, token] of tokens.entries()) await store.revoke(ACCOUNT, [token], index);
  expect(store.isRevoked(ACCOUNT, tokens[0]!)).toBe(false);
  expect(store.isRevoked(ACCOUNT, tokens[1]!)).toBe(true);
  expect(store.isRevoked(OTHER_ACCOUNT, tokens[1]!)).toBe(false);
  expect(store.revoked(ACCOUNT)).toHaveLength(50);
  expect(await store.unrevoke(ACCOUNT, [...tokens, tokens[3]!])).toBe(50);
});

test('a full store refuses messages, keeps what it has, and takes messages again after a clean-up', async () => {
  await store.close();
  store = openSqliteStore({ path: join(folder, 'small.db'), maxBytes: 200_000 });
  const big = () => message({ data: randomBytes(30_000) });
  let stored = 0;
  await expect(
    (async () => {
      for (; stored < 100; stored++) await store.store(big(), false);
    })(),
  ).rejects.toMatchObject({ code: 'full' });
  expect(stored).toBeGreaterThan(2);
  expect(store.retrieve(ACCOUNT, 0, NO_LIMIT).messages).toHaveLength(stored);
  expect(store.usage().usedBytes).toBeLessThanOrEqual(200_000);
  await store.removeExpired(5000);
  expect(await store.store(big(), false)).toMatchObject({ isNew: true });
});

test('a write that does not fit does not take the others of its group down', async () => {
  await store.close();
  store = openSqliteStore({ path: join(folder, 'small.db'), maxBytes: 100_000 });
  const results = await Promise.allSettled([
    store.store(message(), false),
    store.store(message({ data: randomBytes(200_000) }), false),
    store.store(message(), false),
  ]);
  expect(results.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(store.retrieve(ACCOUNT, 0, NO_LIMIT).messages).toHaveLength(2);
});

test('a file that is no database is refused with one clear sentence', () => {
  const path = join(folder, 'rubbish.db');
  writeFileSync(path, randomBytes(8192));
  expect(() => openSqliteStore({ path })).toThrowError(expect.objectContaining({ code: 'corrupt' }));
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is refused', () => {
  chmodSync(folder, 0o500);
  try {
    expect(() => openSqliteStore({ path: join(folder, 'new.db') })).toThrowError(/cannot be/);
  } finally {
    chmodSync(folder, 0o700);
  }
});

test('one database belongs to one store at a time', () => {
  const path = join(folder, 'messages.db');
  expect(() => openSqliteStore({ path })).toThrowError(expect.objectContaining({ code: 'busy' }));
});

test('a closed store refuses work', async () => {
  await store.close();
  await expect(store.store(message(), false)).rejects.toMatchObject({ code: 'closed' });
  expect(() => store.retrieve(ACCOUNT, 0, NO_LIMIT)).toThrowError(expect.objectContaining({ code: 'closed' }));
});

test('scan walks everything once in order of storing, in portions', async () => {
  const all = Array.from({ length: 7 }, (_, index) => message({ namespace: index, data: new Uint8Array(100) }));
  for (const each of all) await store.store(each, false);
  const seen: string[] = [];
  for (let after = 0; ; ) {
    const page = store.scan(after, 250);
    if (page.length === 0) break;
    expect(page.length).toBeLessThanOrEqual(2);
    seen.push(...page.map((each) => each.message.hash));
    after = page.at(-1)!.sequence;
  }
  expect(seen).toEqual(all.map((each) => each.hash));
  expect(store.scan(0, 1)).toHaveLength(1);
  expect(store.accounts().map((each) => [...each])).toEqual([[...ACCOUNT]]);
});

test('a delivery begins before the earliest message that was missed and can be set back meanwhile', async () => {
  const node = new Uint8Array(32).fill(7);
  const [first, second] = [message(), message()];
  for (const each of [first, second]) await store.store(each, false);
  await store.oweMessage(node, 'x'.repeat(43));
  expect(store.deliveries()).toEqual([]);
  await store.oweMessage(node, second.hash);
  const [delivery] = store.deliveries();
  expect(store.scan(delivery!.afterSequence, 1000).map((each) => each.message.hash)).toEqual([second.hash]);
  await store.oweMessage(node, first.hash);
  expect(await store.advanceDelivery(delivery!, null)).toBe(false);
  const [setBack] = store.deliveries();
  expect(store.scan(setBack!.afterSequence, 1000)).toHaveLength(2);
  expect(await store.advanceDelivery(setBack!, 1)).toBe(true);
  await store.oweEverything(node);
  expect(store.deliveries()).toMatchObject([{ afterSequence: 0 }]);
  expect(await store.advanceDelivery(store.deliveries()[0]!, null)).toBe(true);
  expect(store.deliveries()).toEqual([]);
});

test('missed requests are kept in order, at most 100 a node are given, and dropped after an hour', async () => {
  const [node, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const request = (index: number) => ({ method: 'delete', params: Uint8Array.of(index) });
  await Promise.all(Array.from({ length: 120 }, (_, index) => store.oweRequest({ node, ...request(index) }, 1000)));
  await store.oweRequest({ node: other, ...request(5) }, 2000);
  const missed = store.missedRequests();
  expect(missed.map(({ params }) => params[0])).toEqual([...Array(100).keys(), 5]);
  await store.forgetRequest(missed[0]!.sequence);
  expect(store.missedRequests().map(({ params }) => params[0])).toEqual([...Array(100).keys(), 100, 5].slice(1));
  await store.removeExpired(1001 + 3_600_000);
  expect(store.missedRequests()).toMatchObject([{ method: 'delete', params: Uint8Array.of(5) }]);
});

test('what was acknowledged before SIGKILL is there afterwards', async () => {
  await store.close();
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../testing/store-child.ts', import.meta.url)), join(folder, 'killed.db')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    acknowledged.push(line);
    if (acknowledged.length === 50) child.kill('SIGKILL');
  }
  store = openSqliteStore({ path: join(folder, 'killed.db') });
  const kept = new Set(store.scan(0, 1e9).map((each) => each.message.hash));
  expect(acknowledged.length).toBeGreaterThanOrEqual(50);
  expect(acknowledged.filter((hash) => !kept.has(hash))).toEqual([]);
});

test('paging through a mailbox yields every message once, whatever the limits', async () => {
  const all = Array.from({ length: 12 }, (_, index) => message({ data: new Uint8Array(index * 37) }));
  for (const each of all) await store.store(each, false);
  fc.assert(
    fc.property(fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }), fc.nat(3000), (maxCount, maxSize) => {
      const seen: string[] = [];
      for (let more = true; more; ) {
        const page = store.retrieve(ACCOUNT, 0, { after: seen.at(-1), maxCount, maxSize });
        expect(page.messages.length).toBeGreaterThan(0);
        seen.push(...hashesOf(page));
        more = page.more;
      }
      expect(seen).toEqual(all.map((each) => each.hash));
    }),
    { numRuns: 50 },
  );
});
