import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveAccount } from '@sotto/wire/account';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import {
  accountSigner,
  buildDelete,
  buildDeleteAll,
  buildDeleteBefore,
  buildExpire,
  buildExpireAll,
  buildRevoke,
  buildStore,
  type JsonRequest,
  messageHash,
  parseRequest,
  type SwarmRequest,
} from '@sotto/wire/rpc';
import { EVERYTHING } from '@sotto/wire/sync';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { Mailbox } from '../handler/mailbox.ts';
import { createLog } from '../log.ts';
import type { MessageStore, StoredMessage } from '../store/message-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { FixedNodeSource } from '../testing/fixed-node-source.ts';
import { PeerFeatures } from './peer-features.ts';
import { SwarmView } from './swarm-view.ts';
import { Synchroniser } from './synchroniser.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_750_000_000_000;
const NO_LIMIT = { maxSize: 7_800_000 };

/** Members of one swarm, joined by function calls in place of sockets. */
class Swarm {
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-sync-'));
  readonly members: Member[] = [];
  readonly commands: string[] = [];
  readonly records: NodeRecord[];
  readonly source: FixedNodeSource;

  constructor(count: number, features: readonly string[] = ['sync']) {
    const keys = Array.from(
      { length: count },
      (_, index) => deriveNodeKeys(new Uint8Array(32).fill(index + 1)).ed25519,
    );
    this.records = keys.map(({ publicKey }) => ({
      ed25519Key: publicKey,
      swarmId: 0n,
      ip: '127.0.0.1',
      httpsPort: 1,
      omqPort: 1,
      version: [2, 11, 3],
    }));
    this.source = new FixedNodeSource(this.records);
    this.members.push(...keys.map((_, index) => new Member(this, index, features)));
  }

  async request(
    from: Member,
    to: NodeRecord,
    command: string,
    parts: readonly Uint8Array[],
    features: readonly string[],
  ) {
    const member = this.members[this.records.indexOf(to)]!;
    if (member.isDown || from.isDown) return null;
    this.commands.push(command);
    if (command === 'storage.info') return [Buffer.from(JSON.stringify({ features }))];
    const what = command.slice('sn.sync_'.length) as 'ranges' | 'states' | 'contents' | 'now';
    return member.synchroniser.answer(what, this.records[from.index]!, parts);
  }

  /** Resolves once all members know the same. */
  async inStep(): Promise<void> {
    await vi.waitFor(
      () => {
        const states = this.members.map((member) => member.known());
        for (const each of states) expect(each).toEqual(states[0]);
      },
      { timeout: 10_000, interval: 10 },
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()));
    rmSync(this.folder, { recursive: true });
  }
}

class Member {
  readonly store: MessageStore;
  readonly synchroniser: Synchroniser;
  readonly received: StoredMessage[] = [];
  readonly index: number;
  isDown = false;
  now = NOW;
  readonly #mailbox: Mailbox;
  readonly #owner = new AbortController();
  readonly #running: Promise<void>;

  constructor(swarm: Swarm, index: number, features: readonly string[]) {
    this.index = index;
    this.store = openSqliteStore({ path: join(swarm.folder, `${index}.db`), durability: 'process-kill' });
    const now = () => this.now;
    const link = {
      request: (to: NodeRecord, command: string, parts: readonly Uint8Array[]) =>
        swarm.request(this, to, command, parts, features),
    };
    this.#mailbox = new Mailbox({
      store: this.store,
      secretKey: new Uint8Array(64).fill(index),
      now,
      onFailure: () => {},
      onStored: () => {},
    });
    this.synchroniser = new Synchroniser({
      store: this.store.sync,
      source: swarm.source,
      swarms: new SwarmView(swarm.source, swarm.records[index]!.ed25519Key),
      peers: link,
      features: new PeerFeatures(link, () => 0),
      log: createLog('silent'),
      signal: this.#owner.signal,
      now,
      interval: 10,
      onReceived: (message) => this.received.push(message),
    });
    this.#running = this.synchroniser.run();
  }

  /** Executes a client's request as this member alone. */
  execute({ method, params }: JsonRequest) {
    return this.#mailbox.execute(parseRequest(method, { format: 'json', value: params }) as SwarmRequest);
  }

  /** Everything it knows, in an order that does not depend on how it came to know it. */
  known() {
    return this.store.sync.states(EVERYTHING, 1e6).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  texts(account: Uint8Array, namespace = 0): string[] {
    const { messages } = this.store.retrieve(account, namespace, NO_LIMIT);
    return messages.map(({ data }) => Buffer.from(data).toString()).sort();
  }

  async close(): Promise<void> {
    this.#owner.abort();
    await this.#running;
    await this.store.close();
  }
}

function person(seed: Uint8Array = randomBytes(16)) {
  const account = deriveAccount(seed);
  const id = account.accountId;
  const bytes = Buffer.from(id, 'hex');
  return {
    id,
    bytes,
    signer: accountSigner(id, account.ed25519),
    hash: (text: string) => messageHash(bytes, 0, Buffer.from(text)),
    store: (text: string, ttl = DAY) => buildStore({ accountId: id, data: Buffer.from(text), timestamp: NOW, ttl }),
  };
}

let swarm: Swarm;
const anna = person();

afterEach(() => swarm.close());

test('a member that was away gets what was stored, and loses what was deleted or shortened', async () => {
  swarm = new Swarm(3);
  const [a, b, c] = swarm.members as [Member, Member, Member];
  const ben = person();
  for (const each of swarm.members) {
    for (const text of ['stays', 'deleted', 'short']) await each.execute(anna.store(text));
    for (const text of ['first', 'second']) await each.execute(ben.store(text));
  }
  c.isDown = true;
  const token = Buffer.alloc(36, 3);
  for (const each of [a, b]) {
    await each.execute(anna.store('new'));
    await each.execute(buildDelete(anna.signer, { messages: [anna.hash('deleted')] }));
    await each.execute(buildExpire(anna.signer, { messages: [anna.hash('short')], expiry: NOW + HOUR }));
    await each.execute(buildExpire(anna.signer, { messages: [anna.hash('stays')], expiry: NOW + 20 * DAY }));
    await each.execute(buildDeleteAll(ben.signer, { namespace: 'all', timestamp: NOW }));
    await each.execute(buildRevoke(anna.signer, { method: 'revoke_subaccount', tokens: [token], timestamp: NOW }));
  }
  await swarm.members[0]!.store.removeExpired(NOW);
  c.isDown = false;
  await swarm.inStep();
  for (const each of swarm.members) {
    expect(each.texts(anna.bytes)).toEqual(['new', 'short', 'stays']);
    expect(each.texts(ben.bytes)).toEqual([]);
    expect(each.store.isRevoked(anna.bytes, token)).toBe(true);
    const hashes = [anna.hash('short'), anna.hash('stays')];
    expect([...each.store.expiries(anna.bytes, hashes).values()]).toEqual([NOW + HOUR, NOW + 20 * DAY]);
  }
  expect(c.received.map(({ hash }) => hash)).toContain(anna.hash('new'));
});

test('what a client stores again after deleting it lives, and rights that are given back stay', async () => {
  swarm = new Swarm(2);
  const [a, b] = swarm.members as [Member, Member];
  const token = Buffer.alloc(36, 7);
  const rights = (method: 'revoke_subaccount' | 'unrevoke_subaccount', timestamp: number) =>
    buildRevoke(anna.signer, { method, tokens: [token], timestamp });
  for (const each of [a, b]) await each.execute(anna.store('phoenix'));
  await a.execute(rights('revoke_subaccount', NOW));
  await a.execute(buildDelete(anna.signer, { messages: [anna.hash('phoenix')] }));
  await swarm.inStep();
  expect(b.texts(anna.bytes)).toEqual([]);
  b.isDown = true;
  await a.execute(anna.store('phoenix'));
  await a.execute(rights('unrevoke_subaccount', NOW + 1));
  b.isDown = false;
  await swarm.inStep();
  expect([a, b].map((each) => each.texts(anna.bytes))).toEqual([['phoenix'], ['phoenix']]);
  expect([a, b].map((each) => each.store.isRevoked(anna.bytes, token))).toEqual([false, false]);
});

test('a push of another node does not bring back what was deleted or shortened', async () => {
  swarm = new Swarm(1);
  const [a] = swarm.members as [Member];
  for (const text of ['deleted', 'short']) await a.execute(anna.store(text));
  const pushed = a.store.scan(0, 1e6).map(({ message }) => message);
  await a.execute(buildDelete(anna.signer, { messages: [anna.hash('deleted')] }));
  await a.execute(buildExpireAll(anna.signer, { namespace: 0, expiry: NOW + HOUR }));
  await a.store.storeAll(pushed, () => false);
  expect(a.texts(anna.bytes)).toEqual(['short']);
  expect([...a.store.expiries(anna.bytes, [anna.hash('short')]).values()]).toEqual([NOW + HOUR]);
  await a.store.removeExpired(NOW + HOUR);
  await a.store.storeAll(pushed, () => false);
  expect(a.texts(anna.bytes)).toEqual([]);
});

test('clocks that jump lose nothing and bring nothing back', async () => {
  swarm = new Swarm(3);
  const [a, b, c] = swarm.members as [Member, Member, Member];
  for (const each of swarm.members) {
    for (const text of ['stays', 'deleted']) await each.execute(anna.store(text, 3 * HOUR));
  }
  // For this one they have ended.
  c.now = NOW + 5 * HOUR;
  await c.store.removeExpired(c.now);
  expect(c.texts(anna.bytes)).toEqual([]);
  for (const each of [a, b]) await each.execute(buildDelete(anna.signer, { messages: [anna.hash('deleted')] }));
  c.now = NOW;
  await swarm.inStep();
  expect(swarm.members.map((each) => each.texts(anna.bytes))).toEqual([['stays'], ['stays'], ['stays']]);
  // For this one they have hours left when the others have removed them.
  b.now = NOW - 5 * HOUR;
  for (const each of [a, c]) {
    each.now = NOW + 4 * HOUR;
    await each.store.removeExpired(each.now);
  }
  await b.execute(anna.store('another'));
  await vi.waitFor(() => expect([a.texts(anna.bytes), c.texts(anna.bytes)]).toEqual([['another'], ['another']]));
  expect(b.texts(anna.bytes)).toEqual(['another', 'stays']);
});

test('nothing is taken away without the signature of its owner', async () => {
  swarm = new Swarm(2);
  const [a, b] = swarm.members as [Member, Member];
  const mallory = person();
  for (const each of [a, b]) {
    for (const text of ['one', 'two']) await each.execute(anna.store(text));
    await each.execute(mallory.store('bait'));
  }
  a.isDown = true;
  // The database of a lying member: it says that requests of others, or of nobody, deleted and shortened messages.
  const lie = buildDelete(mallory.signer, { messages: [anna.hash('one'), mallory.hash('bait')] });
  const { method } = lie;
  const params = randomBytes(100);
  const forged = { method, params, at: NOW };
  await b.store.delete(anna.bytes, [anna.hash('one')], forged);
  await b.store.expire(anna.bytes, [anna.hash('two')], [NOW + 1], 'set', forged);
  await b.execute(lie);
  a.isDown = false;
  await vi.waitFor(() => expect(a.texts(mallory.bytes)).toEqual([]));
  expect(a.texts(anna.bytes)).toEqual(['one', 'two']);
  expect([...a.store.expiries(anna.bytes, [anna.hash('two')]).values()]).toEqual([NOW + DAY]);
});

test('nodes that do not announce it are never sent its commands', async () => {
  swarm = new Swarm(2, ['wait']);
  await swarm.members[0]!.execute(anna.store('x'));
  await vi.waitFor(() => expect(swarm.commands.length).toBeGreaterThan(1));
  expect(new Set(swarm.commands)).toEqual(new Set(['storage.info']));
  expect(await swarm.members[0]!.synchroniser.nudge(swarm.records[1]!)).toBe(false);
});

test('accounts of other swarms do not travel', async () => {
  swarm = new Swarm(3);
  swarm.source.set(swarm.records.map((record, index) => (index === 2 ? { ...record, swarmId: 1n << 63n } : record)));
  const people = Array.from({ length: 8 }, () => person());
  for (const each of people) await swarm.members[0]!.execute(each.store('x'));
  const view = new SwarmView(swarm.source, swarm.records[0]!.ed25519Key);
  const ours = people.filter(({ bytes }) => view.swarmOf(bytes)?.id === 0n);
  const [, b, c] = swarm.members as [Member, Member, Member];
  await vi.waitFor(async () => expect((await b.store.census()).messages).toBe(ours.length));
  expect(c.store.usage().isEmpty).toBe(true);
});

test('whatever members miss, all end up like the one that missed nothing', async () => {
  const people = [anna, person(), person()];
  const operation = fc.record({
    who: fc.nat(people.length - 1),
    what: fc.constantFrom('store', 'store', 'delete', 'delete_all', 'delete_before', 'extend'),
    text: fc.constantFrom('a', 'b', 'c'),
    missedBy: fc.subarray([1, 2]),
    away: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
      swarm = new Swarm(3);
      const late = new Map<string, number>();
      for (const { who, what, text, missedBy, away } of operations) {
        const { signer, hash, store } = people[who]!;
        const expiry = NOW + DAY + (late.get(text) ?? 0) + HOUR;
        if (what === 'extend') late.set(text, expiry - NOW - DAY);
        const request = {
          store: () => store(text),
          delete: () => buildDelete(signer, { messages: [hash(text)] }),
          delete_all: () => buildDeleteAll(signer, { namespace: 0, timestamp: NOW }),
          delete_before: () => buildDeleteBefore(signer, { namespace: 'all', before: NOW }),
          extend: () => buildExpire(signer, { messages: [hash(text)], expiry, mode: 'extend' }),
        }[what]!();
        for (const member of swarm.members) {
          member.isDown = away && missedBy.includes(member.index);
          if (!missedBy.includes(member.index)) await member.execute(request);
        }
      }
      for (const member of swarm.members) member.isDown = false;
      const expected = people.map(({ bytes }) => swarm.members[0]!.texts(bytes));
      await swarm.inStep();
      for (const member of swarm.members) expect(people.map(({ bytes }) => member.texts(bytes))).toEqual(expected);
      await swarm.close();
    }),
    { numRuns: 12 },
  );
  swarm = new Swarm(1);
});
