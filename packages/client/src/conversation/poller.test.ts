import { accountIdToBytes, deriveAccount } from '@sotto/wire/account';
import { messageHash } from '@sotto/wire/rpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../surroundings.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { PostOffice } from '../testing/post-office.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { Activity } from './activity.ts';
import { storeCall } from './mailbox-calls.ts';
import type { MailboxNamespace, StoredMessage } from './mailbox-namespace.ts';
import { Poller, type PollerParts } from './poller.ts';

const START = 1_790_000_000_000;
const account = deriveAccount(new Uint8Array(16).fill(1));
const POLLING = { idleMs: 5_000, activeMs: 1_000, activeForMs: 60_000 };

let clock: ManualClock;
let office: PostOffice;
let stop: AbortController;
let running: Promise<void>;
/** What was taken, by namespace, and in which order. */
let taken: string[];
/** When a message was taken, by its text. */
let takenAt: Map<string, number>;
let sent: number;

beforeEach(() => {
  clock = new ManualClock(START);
  office = new PostOffice(clock);
  office.isWaiting = true;
  stop = new AbortController();
  taken = [];
  takenAt = new Map();
  sent = 0;
});

afterEach(async () => {
  stop.abort();
  await running;
});

/** Keeps cursors only, as long as the test runs. */
function memoryStore(): PollerParts['store'] {
  const cursors = new Map<string, string>();
  const store = {
    cursors: {
      get: (node: string, owner: string, namespace: number) => cursors.get(`${node} ${owner} ${namespace}`) ?? '',
      set: (node: string, owner: string, namespace: number, hash: string) =>
        cursors.set(`${node} ${owner} ${namespace}`, hash),
      prune: () => {},
    },
    seen: { prune: () => {} },
    transaction: <T>(work: () => T) => work(),
  };
  return store as unknown as PollerParts['store'];
}

function namespaceOf(namespace: number): MailboxNamespace {
  const seen = new Set<string>();
  return {
    namespace,
    take(messages: readonly StoredMessage[]) {
      const fresh = messages.filter(({ hash }) => !seen.has(hash));
      for (const { hash, data } of fresh) {
        seen.add(hash);
        const text = Buffer.from(data).toString();
        taken.push(`${namespace}: ${text}`);
        takenAt.set(text, clock.now());
      }
      return fresh.length;
    },
  };
}

function start(namespaces: readonly number[] = [0], swarms = office.access()): void {
  const poller = new Poller({
    onPolled: () => {},
    store: memoryStore(),
    account,
    swarms,
    activity: new Activity(POLLING, clock, seededRandom('activity')),
    namespaces: namespaces.map(namespaceOf),
    clock,
    random: seededRandom('poller'),
    log: silentLogger,
  });
  running = poller.run(stop.signal);
}

/** Somebody writes; gives the text once the swarm has it. */
async function write(): Promise<string> {
  const text = `message ${sent++}`;
  const call = storeCall({
    accountId: account.accountId,
    members: [],
    namespace: 0,
    ttl: 86_400_000,
    seal: () => Buffer.from(text),
  });
  const storing = office.access().send(account.accountId, call, stop.signal);
  await clock.until(() => office.mailbox(account.accountId).length === sent);
  void storing;
  return text;
}

const counted = (method: string) => office.seen.filter((each) => each === method).length;
const isWaiting = () => office.seen.at(-1) === 'wait';

test('where nodes let requests wait, a message is there after one way back', async () => {
  start();
  await clock.until(isWaiting);
  for (let index = 0; index < 5; index++) {
    await clock.advance(3_333);
    const before = clock.now();
    const text = await write();
    await clock.until(() => takenAt.has(text), 1_000);
    // The way of the store to the node, and the answer's way back from there.
    expect(takenAt.get(text)! - before).toBeLessThanOrEqual(60);
  }
  expect(taken).toHaveLength(5);
});

test('an hour without messages takes a fifth of the requests that polling takes', async () => {
  start();
  await clock.advance(3_600_000);
  const withWaiting = office.seen.length;
  expect(counted('wait')).toBeGreaterThan(3_600_000 / 25_000);
  stop.abort();
  await running;
  stop = new AbortController();
  office = new PostOffice(clock);
  start();
  await clock.advance(3_600_000);
  expect(counted('wait')).toBe(0);
  expect(office.seen.length).toBeGreaterThan(1_300);
  expect(office.seen.length / withWaiting).toBeGreaterThan(5);
});

test('where nodes do not know it, the swarm is polled as ever', async () => {
  office.isWaiting = false;
  start();
  await clock.advance(20_000);
  const text = await write();
  await clock.until(() => takenAt.has(text), 7_000);
  expect(counted('wait')).toBe(0);
});

test('nodes that learn it later are found by polling, and one that forgets it is polled again', async () => {
  office.isWaiting = false;
  start();
  await clock.advance(30_000);
  office.isWaiting = true;
  await clock.until(isWaiting, 30_000);
  office.isWaiting = false;
  await clock.advance(60_000);
  const [polls, waits] = [counted('retrieve'), counted('wait')];
  await clock.advance(60_000);
  expect(counted('retrieve') - polls).toBeGreaterThan(15);
  expect(counted('wait') - waits).toBeLessThan(5);
});

test('a node that announces it and answers at once is not asked without pause', async () => {
  const access = office.access();
  office.access = () => ({
    ...access,
    askApart: (accountId, node, call, _holdMs, signal) => access.askApart(accountId, node, call, 0, signal),
  });
  start();
  await clock.advance(600_000);
  expect(office.seen.length).toBeLessThan(600);
  const text = await write();
  await clock.until(() => takenAt.has(text), 7_000);
});

test('a node that fails is left for another one at once, and polling fills the gap', async () => {
  start();
  await clock.until(isWaiting);
  office.fate = (method) => (method === 'wait' ? 'unreachable' : 'delivered');
  const text = await write();
  await clock.until(() => takenAt.has(text), 7_000);
  await clock.advance(600_000);
  const before = counted('wait');
  await clock.advance(600_000);
  // It is tried again and again, ever more slowly.
  expect(counted('wait') - before).toBeLessThan(15);
  office.fate = () => 'delivered';
  await clock.advance(90_000);
  const later = await write();
  await clock.until(() => takenAt.has(later), 100);
});

test('one node after the other is listened to, so that none can keep messages to itself', async () => {
  const asked = new Set<string>();
  const access = office.access();
  office.access = () => ({
    ...access,
    askApart: (accountId, node, call, holdMs, signal) => {
      if (holdMs > 0) asked.add(node.key);
      return access.askApart(accountId, node, call, holdMs, signal);
    },
  });
  start();
  await clock.advance(300_000);
  expect(asked.size).toBe(2);
});

test('when the mailbox has moved to other nodes, they are listened to at once', async () => {
  const access = office.access();
  let members = access.members('').slice(0, 1);
  let listenedTo = '';
  office.access = () => ({
    ...access,
    members: () => members,
    askApart: (accountId, node, call, holdMs, signal) => {
      if (holdMs > 0) listenedTo = node.key;
      return access.askApart(accountId, node, call, holdMs, signal);
    },
  });
  start();
  await clock.until(isWaiting);
  members = access.members('').slice(1);
  office.setOpen(true);
  await clock.until(() => listenedTo === members[0]!.key, 200);
});

test('after the machine has slept everything is asked anew at once', async () => {
  start();
  await clock.until(isWaiting);
  const [polls, waits] = [counted('retrieve'), counted('wait')];
  clock.set(3_600_000);
  await clock.advance(10_200);
  expect(counted('retrieve')).toBeGreaterThan(polls);
  expect(counted('wait')).toBe(waits + 1);
});

test('without a connection nothing is asked, and with one again everything', async () => {
  start();
  await clock.until(isWaiting);
  office.setOpen(false);
  await clock.advance(60_000);
  const before = office.seen.length;
  await clock.advance(600_000);
  expect(office.seen.length).toBe(before);
  office.setOpen(true);
  await clock.advance(1_000);
  expect(isWaiting()).toBe(true);
  const text = await write();
  await clock.until(() => takenAt.has(text), 100);
});

test('several namespaces travel in one request and are dealt with in their order', async () => {
  const owner = accountIdToBytes(account.accountId);
  const put = (namespace: number, text: string, timestamp: number) => {
    const data = Buffer.from(text);
    const hash = messageHash(owner, namespace, data);
    const { accountId } = account;
    for (const kept of office.kept) kept.push({ accountId, namespace, hash, data, timestamp, expiry: START * 2 });
  };
  put(0, 'a message', START);
  put(5, 'groups', START + 2);
  put(2, 'profile', START + 3);
  start([2, 5, 0]);
  await clock.until(() => taken.length === 3);
  expect(taken).toEqual(['2: profile', '5: groups', '0: a message']);
  expect(office.seen.length).toBeLessThanOrEqual(2);
});

test('who keeps the mailbox is looked up once for each word about the connection', async () => {
  const access = office.access();
  let lookedUp = 0;
  const members = (accountId: string) => {
    lookedUp++;
    return access.members(accountId);
  };
  start([0], { ...access, members });
  await clock.until(isWaiting);
  lookedUp = 0;
  office.setOpen(true);
  expect(lookedUp).toBe(1);
});
