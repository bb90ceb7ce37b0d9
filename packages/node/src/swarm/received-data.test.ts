import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBt, encodePushBatches, type PushedMessage } from '@sotto/wire/bt';
import { concatBytes } from '@sotto/wire/bytes';
import { messageHash } from '@sotto/wire/rpc';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MessageStore, StoredMessage } from '../store/message-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { receiveData } from './received-data.ts';

let folder: string;
let store: MessageStore;
let received: StoredMessage[];

beforeEach(() => {
  received = [];
  folder = mkdtempSync(join(tmpdir(), 'sotto-data-'));
  store = openSqliteStore({ path: join(folder, 'messages.db'), durability: 'process-kill' });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const ACCOUNT = new Uint8Array(33).fill(3);
const LIMITS = { maxSize: 1e9 };
const receive = (...parts: Uint8Array[]) =>
  receiveData(
    parts,
    store,
    () => {},
    (message) => received.push(message),
  );

function pushed(namespace: number, changes: Partial<PushedMessage> = {}): PushedMessage {
  const data = randomBytes(20);
  const hash = messageHash(ACCOUNT, namespace, data);
  return { account: ACCOUNT, hash, timestamp: 1000, expiry: 2000, data, namespace, ...changes };
}

/** Items of five elements, as nodes before 2.11.3 send them. */
function withoutNamespace({ account, hash, timestamp, expiry, data }: PushedMessage): Uint8Array {
  return concatBytes(Uint8Array.of(1), encodeBt([[account, hash, timestamp, expiry, data]]));
}

test('pushed messages are stored in their namespaces, existing ones keep the later expiry', async () => {
  const messages = [pushed(0), pushed(-42)];
  expect(await receive(...encodePushBatches(messages))).toBe('OK');
  expect(await receive(...encodePushBatches([{ ...messages[0]!, expiry: 3000 }]))).toBe('OK');
  expect(await receive(...encodePushBatches([{ ...messages[0]!, expiry: 1500 }]))).toBe('OK');
  expect(store.retrieve(ACCOUNT, 0, LIMITS).messages).toMatchObject([{ hash: messages[0]!.hash, expiry: 3000 }]);
  expect(store.retrieve(ACCOUNT, -42, LIMITS).messages).toHaveLength(1);
  // Also what was there already: whoever waits looks for itself.
  expect(received.map(({ namespace }) => namespace)).toEqual([0, -42, 0, 0]);
});

test('a namespace that is missing or wrong is found again by the hash', async () => {
  const old = pushed(11);
  const moved = pushed(5);
  expect(await receive(withoutNamespace(old))).toBe('OK');
  expect(await receive(...encodePushBatches([{ ...moved, namespace: 0 }]))).toBe('OK');
  expect(store.retrieve(ACCOUNT, 11, LIMITS).messages).toMatchObject([{ hash: old.hash }]);
  expect(store.retrieve(ACCOUNT, 5, LIMITS).messages).toMatchObject([{ hash: moved.hash }]);
});

test('a message whose hash is not its own is skipped, the others are stored', async () => {
  const good = pushed(0);
  expect(await receive(...encodePushBatches([pushed(0, { hash: 'x'.repeat(43) }), good]))).toBe('OK');
  expect(store.scan(0, 1e9).map(({ message }) => message.hash)).toEqual([good.hash]);
});

test('a push of an outbox message replaces an older one and not a newer one', async () => {
  const [older, newer] = [pushed(-1, { timestamp: 10 }), pushed(-1, { timestamp: 20 })];
  for (const each of [newer, older]) await receive(...encodePushBatches([each]));
  expect(store.retrieve(ACCOUNT, -1, LIMITS).messages).toMatchObject([{ hash: newer.hash }]);
});

test('empty and malformed pushes, and a failing store, have their texts', async () => {
  expect(await receive()).toBe('Empty data push');
  expect(await receive(new Uint8Array())).toBe('Empty data push');
  expect(await receive(Buffer.from('\x01lle'))).toBe('Failed to store messages');
  const [blob] = encodePushBatches([pushed(0)]);
  await store.close();
  expect(await receive(blob!)).toBe('Failed to store messages');
});

test('what is dropped is not acknowledged, an empty list is', async () => {
  const [blob] = encodePushBatches([pushed(0)]);
  expect(await receive(Uint8Array.of(2, ...blob!.subarray(1)))).toBe('Failed to store messages');
  expect(await receive(blob!.subarray(1))).toBe('Failed to store messages');
  const foreign = pushed(0, { account: new Uint8Array(32) });
  expect(await receive(...encodePushBatches([pushed(0), foreign]))).toBe('Failed to store messages');
  expect(store.scan(0, 1e9)).toEqual([]);
  expect(await receive(Buffer.from('\x01le'))).toBe('OK');
});

test('any bytes are answered', async () => {
  const [blob] = encodePushBatches([pushed(0)]);
  await fc.assert(
    fc.asyncProperty(fc.nat(blob!.length - 1), fc.uint8Array({ maxLength: 8 }), async (at, bytes) => {
      const changed = new Uint8Array(blob!);
      changed.set(bytes.subarray(0, blob!.length - at), at);
      expect(['OK', 'Failed to store messages']).toContain(await receive(changed));
    }),
  );
});
