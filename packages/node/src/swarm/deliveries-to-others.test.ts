import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBt, decodePushBatch } from '@sotto/wire/bt';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import { messageHash } from '@sotto/wire/rpc';
import { NO_SWARM, type SwarmId } from '@sotto/wire/swarm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../log.ts';
import type { MessageStore } from '../store/message-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { FixedNodeSource } from '../testing/fixed-node-source.ts';
import { Deliveries } from './deliveries.ts';

const FAR = 1n << 63n;
const keys = [1, 2, 3].map((number) => deriveNodeKeys(new Uint8Array(32).fill(number)).ed25519.publicKey);
const OK = Buffer.from('OK');

interface Request {
  readonly node: number;
  readonly command: string;
  readonly parts: readonly Uint8Array[];
}

let folder: string;
let store: MessageStore;
let source: FixedNodeSource;
let owner: AbortController;
let running: Promise<void> | null;
let asked: Request[];
/** What the other nodes, versions of the reference, answer; by command. */
let answers: Record<string, readonly Uint8Array[] | null>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-deliveries-'));
  store = openSqliteStore({ path: join(folder, 'messages.db'), durability: 'process-kill' });
  source = new FixedNodeSource();
  asked = [];
  answers = { 'sn.data_ready': [OK], 'sn.data': [], 'sn.storage_cc': [Buffer.from('de')] };
  running = null;
});

afterEach(async () => {
  await stop();
  await store.close();
  rmSync(folder, { recursive: true });
});

function record(node: number, swarmId: SwarmId, version: NodeRecord['version'] = [2, 11, 3]): NodeRecord {
  return { ed25519Key: keys[node]!, swarmId, ip: '127.0.0.1', httpsPort: 1, omqPort: 1, version };
}

function start(): void {
  owner = new AbortController();
  const deliveries = new Deliveries({
    store,
    source,
    peers: {
      async request({ ed25519Key }, command, parts) {
        const node = keys.findIndex((key) => Buffer.compare(key, ed25519Key) === 0);
        asked.push({ node, command, parts });
        return answers[`${command} ${node}`] ?? answers[command] ?? null;
      },
    },
    ownKey: keys[0]!,
    version: [2, 11, 3],
    log: createLog('silent'),
    signal: owner.signal,
    now: () => 0,
    interval: 10,
    synchroniser: { knows: async () => false, nudge: async () => false, wanted: async (_node, messages) => messages },
  });
  running = deliveries.run();
}

async function stop(): Promise<void> {
  owner?.abort();
  await running;
}

async function keep(count: number, size = 10): Promise<string[]> {
  const messages = Array.from({ length: count }, () => {
    const account = Uint8Array.of(5, ...randomBytes(32));
    const data = randomBytes(size);
    return { hash: messageHash(account, 3, data), account, namespace: 3, timestamp: 1, expiry: 2, data };
  });
  await store.storeAll(messages, () => false);
  return messages.map(({ hash }) => hash);
}

const pushedTo = (node: number) =>
  asked
    .filter((request) => request.command === 'sn.data' && request.node === node)
    .flatMap(({ parts }) => decodePushBatch(parts[0]!))
    .map(({ hash }) => hash);

test('a node that joins is pushed everything after the handshake, in batches, with namespaces', async () => {
  const hashes = await keep(30, 70_000);
  source.set([record(0, 0n)]);
  start();
  await vi.waitFor(() => expect(store.debts.swarmSnapshot()).not.toBeNull());
  source.set([record(0, 0n), record(1, 0n)]);
  await vi.waitFor(() => expect(pushedTo(1)).toHaveLength(30));
  await vi.waitFor(() => expect(store.debts.deliveries()).toEqual([]));
  expect(pushedTo(1)).toEqual(hashes);
  expect(asked.map(({ command }) => command).slice(0, 2)).toEqual(['sn.data_ready', 'sn.data']);
  const blobs = asked.filter(({ command }) => command === 'sn.data').map(({ parts }) => parts[0]!);
  expect(blobs.length).toBeGreaterThan(1);
  expect(decodePushBatch(blobs[0]!)[0]).toMatchObject({ namespace: 3 });
  expect(decodeBt(blobs[0]!.subarray(1))).toHaveLength(decodePushBatch(blobs[0]!).length);
});

test('a node that refuses the handshake is asked once more, then left alone for a while', async () => {
  await keep(3);
  source.set([record(0, 0n)]);
  start();
  await vi.waitFor(() => expect(store.debts.swarmSnapshot()).not.toBeNull());
  answers['sn.data_ready'] = null;
  answers['sn.data_ready 1'] = [Buffer.from('Swarm mismatch')];
  source.set([record(0, 0n), record(1, 0n), record(2, 0n)]);
  const triesOf = (node: number) => asked.filter((request) => request.node === node).length;
  await vi.waitFor(() => expect(triesOf(2)).toBeGreaterThan(6));
  expect(triesOf(1)).toBe(2);
  expect(pushedTo(1)).toEqual([]);
});

test('a node before 2.10 is pushed to without a handshake, one of another swarm too', async () => {
  await keep(8);
  source.set([record(0, 0n)]);
  start();
  await vi.waitFor(() => expect(store.debts.swarmSnapshot()).not.toBeNull());
  source.set([record(0, 0n), record(1, 0n, [2, 8, 0]), record(2, FAR)]);
  await vi.waitFor(() => expect(pushedTo(1).length + pushedTo(2).length).toBe(8));
  expect(asked.map(({ command }) => command)).not.toContain('sn.data_ready');
});

test('what was not acknowledged is pushed again, also after a restart, from where it stopped', async () => {
  const hashes = await keep(30, 70_000);
  source.set([record(0, 0n)]);
  start();
  await vi.waitFor(() => expect(store.debts.swarmSnapshot()).not.toBeNull());
  answers['sn.data'] = null;
  source.set([record(0, 0n), record(1, 0n)]);
  await vi.waitFor(() => expect(pushedTo(1).length).toBeGreaterThan(0));
  await stop();
  expect(store.debts.deliveries()).toHaveLength(1);
  asked = [];
  answers['sn.data'] = [OK];
  start();
  await vi.waitFor(() => expect(store.debts.deliveries()).toEqual([]));
  expect(pushedTo(1)).toEqual(hashes);
});

test('a change of the list during downtime is noticed at the start', async () => {
  const hashes = await keep(5);
  source.set([record(0, 0n), record(1, FAR)]);
  start();
  await vi.waitFor(() => expect(store.debts.swarmSnapshot()).not.toBeNull());
  await stop();
  // Our swarm is gone; another keeps what was its.
  source.set([record(0, FAR), record(1, FAR), record(2, NO_SWARM)]);
  start();
  await vi.waitFor(() => expect(pushedTo(1).toSorted()).toEqual(hashes.toSorted()));
  expect(pushedTo(2)).toEqual([]);
});

test('requests that were missed are repeated in their order until there is any answer', async () => {
  source.set([record(0, 0n), record(1, 0n)]);
  answers['sn.storage_cc'] = null;
  for (const method of ['delete', 'expire']) {
    await store.debts.oweRequest({ node: keys[1]!, method, params: Buffer.from('de') }, 0);
  }
  await store.debts.oweRequest({ node: keys[2]!, method: 'delete', params: Buffer.from('de') }, 0);
  start();
  const repeated = () => asked.filter(({ command }) => command === 'sn.storage_cc');
  await vi.waitFor(() => expect(repeated().length).toBeGreaterThan(1));
  expect(new Set(repeated().map(({ parts }) => String(parts[0])))).toEqual(new Set(['delete']));
  asked = [];
  answers['sn.storage_cc'] = [Buffer.from('401'), Buffer.from('no')];
  await vi.waitFor(() => expect(store.debts.missedRequests()).toEqual([]));
  expect(repeated().map(({ node, parts }) => [node, String(parts[0])])).toEqual([
    [1, 'delete'],
    [1, 'expire'],
  ]);
});

test('a node that is not listed itself gives nothing: nobody would take it', async () => {
  await keep(3);
  source.set([record(0, 0n), record(1, 0n)]);
  await store.debts.oweEverything(keys[1]!);
  source.set([record(1, 0n)]);
  start();
  await vi.waitFor(() => expect(store.debts.swarmSnapshot()).not.toBeNull());
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(asked).toEqual([]);
  expect(store.debts.deliveries()).toHaveLength(1);
});
