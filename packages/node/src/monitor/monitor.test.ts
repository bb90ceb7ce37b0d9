import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeBt, decodeNotification } from '@sotto/wire/bt';
import { ed25519KeyPair, type KeyPair } from '@sotto/wire/crypto';
import type { NodeRecord } from '@sotto/wire/nodes';
import { MONITOR_DURATION } from '@sotto/wire/rpc';
import { beforeEach, expect, test } from 'vitest';
import { ByteBudget } from '../net/byte-budget.ts';
import { ConnectionPath } from '../omq/return-path.ts';
import { SwarmView } from '../swarm/swarm-view.ts';
import { FixedNodeSource } from '../testing/fixed-node-source.ts';
import { accountIdOf, registration, registrationList } from '../testing/registration.ts';
import { Monitor } from './monitor.ts';

const own = record(1, 0n);
let source: FixedNodeSource;
let now: number;
let monitor: Monitor;

beforeEach(() => {
  source = new FixedNodeSource([own]);
  now = 1_768_478_400_000;
  monitor = newMonitor();
});

function newMonitor(budget?: ByteBudget): Monitor {
  return new Monitor(new SwarmView(source, own.ed25519Key), () => now, budget);
}

function record(seed: number, swarmId: bigint): NodeRecord {
  const { publicKey } = ed25519KeyPair(new Uint8Array(32).fill(seed));
  return { ed25519Key: publicKey, swarmId, ip: '127.0.0.1', httpsPort: 1, omqPort: 2, version: [2, 11, 3] };
}

const newKeys = (): KeyPair => ed25519KeyPair(randomBytes(32));

/** A client that keeps what it is told. */
function client(address = '192.0.2.1') {
  const told: { command: string; dict: Uint8Array }[] = [];
  const path = new ConnectionPath(address, (command, [dict]) => told.push({ command, dict: dict! }) > 0);
  return { path, told };
}

const subscribed = Buffer.from('d7:successi1ee');
const text = (reply: Uint8Array | null) => reply && Buffer.from(reply).toString('latin1');

function message(key: KeyPair, namespace = 0) {
  const account = Buffer.from(accountIdOf(key), 'hex');
  return { account, namespace, hash: 'h'.repeat(43), timestamp: now, expiry: now + 1000, data: Buffer.from('secret') };
}

test('a subscription ends after 65 minutes, unless it is repeated', async () => {
  const [anna, { path, told }] = [newKeys(), client()];
  expect(await monitor.subscribe(registration(anna, { now }), path)).toEqual(subscribed);
  now += MONITOR_DURATION - 1;
  monitor.removeExpired();
  monitor.stored(message(anna));
  expect(told).toHaveLength(1);
  await monitor.subscribe(registration(anna, { now }), path);
  now += MONITOR_DURATION - 1;
  monitor.stored(message(anna));
  expect(told).toHaveLength(2);
  now += 1;
  monitor.stored(message(anna));
  expect(told).toHaveLength(2);
});

test('each connection gets one push, with the data only if it asked for them', async () => {
  const [anna, plain, full] = [newKeys(), client(), client()];
  for (const namespaces of [[0], [0, 5]]) await monitor.subscribe(registration(anna, { namespaces, now }), plain.path);
  await monitor.subscribe(registration(anna, { withData: true, now }), full.path);
  await monitor.subscribe(registration(anna, { now }), full.path);
  const stored = message(anna);
  monitor.stored(stored);
  monitor.stored(message(anna, 5));
  monitor.stored(message(anna, 11));
  monitor.stored(message(newKeys()));
  expect(plain.told.map(({ command }) => command)).toEqual(['notify.message', 'notify.message']);
  const [first, second] = plain.told.map(({ dict }) => decodeNotification(dict));
  expect(first).toEqual({ ...stored, account: new Uint8Array(stored.account), data: null });
  expect(second).toMatchObject({ namespace: 5, data: null });
  expect(full.told.map(({ dict }) => Buffer.from(decodeNotification(dict).data!).toString())).toEqual(['secret']);
});

test('no client can take more memory than its share, nor all together more than there is', async () => {
  const [one, another, third] = [client('192.0.2.1'), client('192.0.2.1'), client('192.0.2.2')];
  monitor = newMonitor(new ByteBudget(2500, 1600));
  const full = 'd7:errcodei1e5:error65:Invalid arguments: this node holds too many subscriptions alreadye';
  const [first, second] = [registration(newKeys(), { now }), registration(newKeys(), { now })];
  expect(await monitor.subscribe(first, one.path)).toEqual(subscribed);
  expect(await monitor.subscribe(second, another.path)).toEqual(subscribed);
  expect(text(await monitor.subscribe(registrationList(first, second), one.path))).toBe(`l${text(subscribed)}${full}e`);
  expect(await monitor.subscribe(first, third.path)).toEqual(subscribed);
  expect(text(await monitor.subscribe(second, third.path))).toBe(full);
  another.path.close();
  expect(await monitor.subscribe(second, third.path)).toEqual(subscribed);
  now += MONITOR_DURATION;
  monitor.removeExpired();
  expect(await monitor.subscribe(registration(newKeys(), { now }), one.path)).toEqual(subscribed);
});

test('many namespaces count as much as they take', async () => {
  const anna = newKeys();
  const { path } = client();
  monitor = newMonitor(new ByteBudget(100_000, 100_000));
  const namespaces = Array.from({ length: 60_000 }, (_, index) => index - 30_000);
  expect(text(await monitor.subscribe(registration(anna, { namespaces, now }), path))).toContain('too many');
  expect(await monitor.subscribe(registration(anna, { now }), path)).toEqual(subscribed);
});

test('a connection that is gone is pushed nothing and ends the work on its list', async () => {
  const [keys, { path, told }] = [Array.from({ length: 100 }, newKeys), client()];
  const answer = monitor.subscribe(registrationList(...keys.map((key) => registration(key, { now }))), path);
  await nextTurn();
  path.close();
  expect(await answer).toBeNull();
  for (const key of keys) monitor.stored(message(key));
  expect(told).toEqual([]);
});

test('a long list lets short requests go first', async () => {
  const key = registration(newKeys(), { now });
  const order: string[] = [];
  const long = monitor.subscribe(registrationList(...new Array(1000).fill(key)), client().path);
  const ended = long.then(() => order.push('long'));
  await monitor.subscribe(key, client().path);
  await monitor.subscribe(registrationList(...new Array(20).fill(key)), client().path).then(() => order.push('short'));
  await ended;
  expect(order).toEqual(['short', 'long']);
  expect(text(await long)).toHaveLength(1000 * subscribed.length + 2);
});

test('an account of another swarm is refused, and the reply to a long list stays small', async () => {
  source.set(Array.from({ length: 30 }, (_, index) => record(2 + index, 0n)));
  const request = registration(newKeys(), { now });
  const reply = await monitor.subscribe(registrationList(...new Array(600).fill(request)), client().path);
  const replies = decodeBt(reply!) as Map<string, unknown>[];
  expect(replies).toHaveLength(600);
  for (const each of replies) expect([each.get('errcode'), each.has('swarm')]).toEqual([6n, true]);
  expect([replies.at(0)!.has('snodes'), replies.at(-1)!.has('snodes')]).toEqual([true, false]);
  expect(reply!.length).toBeLessThan(2_300_000);
});

test('while no swarm is known nothing can be subscribed to', async () => {
  source = new FixedNodeSource();
  monitor = newMonitor();
  const reply = decodeBt((await monitor.subscribe(registration(newKeys(), { now }), client().path))!);
  expect([...(reply as Map<string, unknown>).keys()]).toEqual(['errcode', 'error', 'snodes', 'swarm']);
});

test('an account that leaves the swarm ends its subscriptions, others stay', async () => {
  const keys = Array.from({ length: 20 }, newKeys);
  const { path, told } = client();
  await monitor.subscribe(registrationList(...keys.map((key) => registration(key, { now }))), path);
  const other = record(2, 1n << 63n);
  source.set([own, other]);
  monitor.endForeign();
  const ended = new Set(
    told.map(({ command, dict }) => {
      expect(command).toBe('notify.monitor_ended');
      const notice = decodeBt(dict) as Map<string, unknown>;
      expect([...notice.keys()]).toEqual(['@', 'errcode', 'error', 'snodes', 'swarm']);
      expect([notice.get('errcode'), notice.get('snodes')]).toMatchObject([6n, [{ size: 9 }]]);
      expect(Buffer.from(notice.get('swarm') as Uint8Array).toString()).toBe('8000000000000000');
      return Buffer.from(notice.get('@') as Uint8Array).toString('hex');
    }),
  );
  const view = new SwarmView(source, own.ed25519Key);
  const foreign = keys.map((key) => accountIdOf(key)).filter((id) => view.swarmOf(Buffer.from(id, 'hex'))?.id !== 0n);
  expect(ended).toEqual(new Set(foreign));
  told.length = 0;
  for (const key of keys) monitor.stored(message(key));
  expect(told).toHaveLength(keys.length - foreign.length);
  monitor.endForeign();
  expect(told).toHaveLength(keys.length - foreign.length);
});
