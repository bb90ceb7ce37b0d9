import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { bytesToBase64Unpadded } from '@sotto/wire/bytes';
import { EVERYTHING } from '@sotto/wire/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
  await store.debts.oweMessage(node, 'x'.repeat(43));
  expect(store.debts.deliveries()).toEqual([]);
  await store.debts.oweMessage(node, second.hash);
  const [delivery] = store.debts.deliveries();
  expect(store.scan(delivery!.afterSequence, 1000).map((each) => each.message.hash)).toEqual([second.hash]);
  await store.debts.oweMessage(node, first.hash);
  expect(await store.debts.advanceDelivery(delivery!, null)).toBe(false);
  const [setBack] = store.debts.deliveries();
  expect(store.scan(setBack!.afterSequence, 1000)).toHaveLength(2);
  expect(await store.debts.advanceDelivery(setBack!, 1)).toBe(true);
  await store.debts.oweEverything(node);
  expect(store.debts.deliveries()).toMatchObject([{ afterSequence: 0 }]);
  expect(await store.debts.advanceDelivery(store.debts.deliveries()[0]!, null)).toBe(true);
  expect(store.debts.deliveries()).toEqual([]);
});

test('missed requests are kept in order, at most 100 a node are given, and dropped after an hour', async () => {
  const [node, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const request = (index: number) => ({ method: 'delete', params: Uint8Array.of(index) });
  await Promise.all(
    Array.from({ length: 120 }, (_, index) => store.debts.oweRequest({ node, ...request(index) }, 1000)),
  );
  await store.debts.oweRequest({ node: other, ...request(5) }, 2000);
  const missed = store.debts.missedRequests();
  expect(missed.map(({ params }) => params[0])).toEqual([...Array(100).keys(), 5]);
  await store.debts.forgetRequest(missed[0]!.sequence);
  expect(store.debts.missedRequests().map(({ params }) => params[0])).toEqual([...Array(100).keys(), 100, 5].slice(1));
  await store.removeExpired(1001 + 3_600_000);
  expect(store.debts.missedRequests()).toMatchObject([{ method: 'delete', params: Uint8Array.of(5) }]);
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

describe('what members of a swarm compare', () => {
  const at = Date.now();
  const by = { method: 'delete', params: new Uint8Array([1]), at };
  const signal = new AbortController().signal;
  const all = () => store.sync.states(EVERYTHING, 1000);
  const root = async () => (await store.sync.summaries([EVERYTHING]))[0]!;

  test('summaries follow every change and are the same after a restart', async () => {
    await store.sync.load(() => true, signal);
    const [first, second, third] = [message(), message(), message({ account: OTHER_ACCOUNT })];
    const seen = new Set<string>();
    const steps = [
      () => store.store(first, false),
      () => store.storeAll([second, third], () => false),
      () => store.store({ ...first, expiry: 3000 }, false),
      () => store.expire(ACCOUNT, [second.hash], [1500], 'set', by),
      () => store.delete(ACCOUNT, [first.hash], by),
      () => store.removeExpired(2500),
      () => store.store(first, false),
      () => store.deleteAll(ACCOUNT, 'all', undefined, by),
      () => store.revoke(ACCOUNT, [new Uint8Array(36)], at, { ...by, timestamp: at }),
      () => store.unrevoke(ACCOUNT, [new Uint8Array(36)], { ...by, timestamp: at + 1 }),
    ];
    for (const step of steps) {
      await step();
      const { count, fingerprint } = await root();
      expect(count).toBe(all().length);
      seen.add(Buffer.from(fingerprint).toString('hex'));
    }
    expect(seen.size).toBe(steps.length);
    const before = await root();
    await store.close();
    store = openSqliteStore({ path: join(folder, 'messages.db') });
    await store.sync.load(() => true, signal);
    expect(await root()).toEqual(before);
  });

  test('summaries made while messages come in are right', async () => {
    await store.storeAll(
      Array.from({ length: 3000 }, (_, index) => message({ account: new Uint8Array(33).fill(index) })),
      () => false,
    );
    const loading = store.sync.load((account) => account[1] !== 7, signal);
    for (const each of [message(), message({ account: OTHER_ACCOUNT })]) await store.store(each, false);
    expect(await loading).toBe(true);
    const loaded = await root();
    await store.sync.load((account) => account[1] !== 7, signal);
    expect(await root()).toEqual(loaded);
    const seventh = Array.from({ length: 3000 }, (_, index) => index % 256).filter((each) => each === 7).length;
    expect(loaded.count).toBe(3002 - seventh);
  });

  test('what was taken away is forgotten once no copy can live any more', async () => {
    const stored = message();
    await store.store(stored, false);
    await store.delete(ACCOUNT, [stored.hash], by);
    const day = 86_400_000;
    await store.removeExpired(at + 31 * day);
    expect(all()).toHaveLength(1);
    await store.removeExpired(at + 33 * day);
    expect(all()).toEqual([]);
    expect(store.sync.contents([stored.hash], 1000)).toEqual([]);
  });

  test('requests are kept only while something shows by them', async () => {
    const stored = message({ expiry: at });
    await store.store(stored, false);
    const operationsOf = () => store.sync.contents([stored.hash], 1e6).map(({ operation }) => operation?.params);
    for (let step = 1; step < 5; step++) {
      await store.expire(ACCOUNT, [stored.hash], [at - step], 'shorten', { ...by, params: new Uint8Array([step]) });
      expect(operationsOf()).toEqual([new Uint8Array([step])]);
    }
    await store.delete(ACCOUNT, [stored.hash], { ...by, params: new Uint8Array(32_769) });
    expect(operationsOf()).toEqual([undefined]);
    await store.store(stored, false);
    const times = Array.from({ length: 120 }, (_, index) => at + index);
    for (const timestamp of times) {
      const token = new Uint8Array(36).fill(timestamp - at);
      await store.revoke(ACCOUNT, [token], timestamp, { ...by, timestamp });
    }
    expect(all().filter(({ kind }) => kind === 'revoked')).toHaveLength(100);
    await store.close();
    const database = new DatabaseSync(join(folder, 'messages.db'));
    expect(database.prepare('SELECT count(*) AS count FROM operations').get()).toEqual({ count: 100 });
    database.close();
    store = openSqliteStore({ path: join(folder, 'messages.db') });
  });

  test('another account that names the same hash takes nothing away', async () => {
    const stored = message();
    await store.store(stored, false);
    const lie = {
      account: OTHER_ACCOUNT,
      state: { id: stored.hash, revision: 5, kind: 'deleted' as const, expiry: 0 },
      message: null,
      token: null,
      operation: by,
    };
    expect(await store.sync.adopt([lie], () => false, at)).toHaveLength(1);
    expect(hashesOf(store.retrieve(ACCOUNT, 0, NO_LIMIT))).toEqual([stored.hash]);
    await store.storeAll([message({ hash: stored.hash })], () => false);
    expect(hashesOf(store.retrieve(ACCOUNT, 0, NO_LIMIT))).toEqual([stored.hash]);
  });
});

test('a list of nodes and what is owed because of it are remembered together', async () => {
  expect(store.debts.swarmSnapshot()).toBeNull();
  await store.debts.saveSwarmSnapshot('first', []);
  await store.debts.saveSwarmSnapshot('second', [new Uint8Array(32)]);
  expect(store.debts.swarmSnapshot()).toBe('second');
  expect(store.debts.deliveries()).toEqual([{ node: new Uint8Array(32), afterSequence: 0 }]);
});

test('requests that were missed take a bounded part of the disk', async () => {
  const node = new Uint8Array(32);
  for (let index = 0; index < 9; index++) {
    await store.debts.oweRequest({ node, method: `delete ${index}`, params: new Uint8Array(10_000_000) }, 0);
  }
  expect(store.debts.missedRequests().map(({ method }) => method)).toEqual([
    'delete 5',
    'delete 6',
    'delete 7',
    'delete 8',
  ]);
});
