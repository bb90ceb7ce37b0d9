import { randomBytes } from 'node:crypto';
import {
  type AdmittedNode,
  composeDirectory,
  type DirectoryFetcher,
  DirectoryStore,
  directoryDigest,
  type NetworkFile,
  networkId,
  signDirectory,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import { expect, test } from 'vitest';
import { refreshNodeDirectory } from './directory-refresh.ts';

const NOW = 1_790_000_000_000;
const AUTHORITY = 'https://authority:1';
const authority = ed25519KeyPair(new Uint8Array(32).fill(1));
const networkFile: NetworkFile = {
  sotto: 1,
  name: 'Test',
  created: NOW,
  authorities: [{ key: bytesToHex(authority.publicKey), urls: [AUTHORITY] }],
  threshold: 1,
  seeds: [],
  parameters: { swarmMin: 1, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'open', oneSite: false },
  communities: [],
};
const never = new AbortController().signal;

const nodeAt = (index: number, ip = `10.${index >> 8}.${index & 255}.1`): AdmittedNode => {
  const seed = new Uint8Array(32).fill(2);
  new DataView(seed.buffer).setUint32(0, index);
  return { ed25519Key: ed25519KeyPair(seed).publicKey, ip, httpsPort: 1, omqPort: 2, version: [2, 11, 3] };
};

function lists(nodes: readonly AdmittedNode[]): [Uint8Array, Uint8Array] {
  const parts = { networkId: networkId(networkFile), parameters: networkFile.parameters, nodes };
  const first = composeDirectory({ ...parts, previous: null, now: NOW });
  const second = composeDirectory({ ...parts, previous: first, now: NOW + 1 });
  return [signDirectory(first, [authority]), signDirectory(second, [authority])];
}

async function storeWith(bytes: Uint8Array): Promise<DirectoryStore> {
  const store = await DirectoryStore.open({ networkFile, now: () => NOW });
  await store.offer(bytes);
  return store;
}

const serving =
  (bytes: () => Uint8Array): DirectoryFetcher =>
  async (etag) =>
    etag === `"${directoryDigest(bytes())}"` ? null : bytes();

test('in a large network few ask the authorities, and a new list soon reaches everybody all the same', async () => {
  const nodes = Array.from({ length: 150 }, (_, index) => nodeAt(index));
  const [first, second] = lists(nodes);
  const stores = await Promise.all(nodes.map(() => storeWith(first)));
  const byOrigin = new Map(nodes.map(({ ip }, index) => [`https://${ip}:1`, stores[index]!]));
  let asked = 0;
  const fetcher = (origin: string) => {
    if (origin === AUTHORITY) asked++;
    return serving(() => (origin === AUTHORITY ? second : byOrigin.get(origin)!.accepted()!.bytes));
  };
  let turns = 0;
  for (; stores.some((store) => store.current()?.epoch === 1); turns++) {
    for (const [index, store] of stores.entries()) {
      const ownKey = nodes[index]!.ed25519Key;
      await refreshNodeDirectory({ store, ownKey, random: randomBytes, fetcher }, never);
    }
  }
  expect(turns).toBeLessThan(8);
  expect(asked).toBeGreaterThan(0);
  expect(asked / turns).toBeLessThan(45);
});

/** Whom one node asks, time after time. */
async function askedBy(
  nodes: readonly AdmittedNode[],
  own: AdmittedNode,
  times: number,
  answer: (origin: string) => DirectoryFetcher,
): Promise<{ store: DirectoryStore; asked: string[][] }> {
  const store = await storeWith(lists(nodes)[0]);
  const asked: string[][] = [];
  for (let time = 0; time < times; time++) {
    const now: string[] = [];
    asked.push(now);
    const fetcher =
      (origin: string): DirectoryFetcher =>
      (etag, signal) => {
        now.push(origin);
        return answer(origin)(etag, signal);
      };
    await refreshNodeDirectory({ store, ownKey: own.ed25519Key, random: randomBytes, fetcher }, never).catch(() => {});
  }
  return { store, asked };
}

const many = Array.from({ length: 60 }, (_, index) => nodeAt(index));
const nothingNew: DirectoryFetcher = async () => null;
const away: DirectoryFetcher = () => Promise.reject(new Error('away'));

test('three mirrors in different networks check each other, none of them the node itself', async () => {
  // A third of the nodes is in one network.
  const nodes = many.map((_, index) => nodeAt(index, index % 3 === 0 ? `10.9.9.${index + 1}` : undefined));
  const { asked } = await askedBy(nodes, nodes[0]!, 60, () => nothingNew);
  const spared = asked.filter((origins) => !origins.includes(AUTHORITY));
  expect(spared.length).toBeGreaterThan(0);
  for (const origins of spared) {
    expect(origins).toHaveLength(3);
    expect(new Set(origins.map((origin) => origin.split('.').slice(0, 3).join('.'))).size).toBe(3);
    expect(origins).not.toContain('https://10.9.9.1:1');
  }
});

test('mirrors that all keep a new list from a node do so only until it asks an authority', async () => {
  const second = lists(many)[1];
  const { store } = await askedBy(many, many[0]!, 60, (origin) =>
    origin === AUTHORITY ? serving(() => second) : nothingNew,
  );
  expect(store.current()?.epoch).toBe(2);
});

test.each([
  ['is not listed', many, nodeAt(99), () => nothingNew],
  ['is one of few', many.slice(0, 20), many[0]!, () => nothingNew],
  ['meets mirrors without an answer', many, many[0]!, (origin: string) => (origin === AUTHORITY ? nothingNew : away)],
] as const)('a node that %s asks an authority each time', async (_which, nodes, own, answer) => {
  const { asked } = await askedBy(nodes, own, 20, answer);
  for (const origins of asked) expect(origins).toContain(AUTHORITY);
});

test('where all authorities are away, other nodes are asked', async () => {
  const second = lists(many.slice(0, 9))[1];
  const { store, asked } = await askedBy(many.slice(0, 9), many[0]!, 1, (origin) =>
    origin === AUTHORITY ? away : serving(() => second),
  );
  expect(asked[0]).toHaveLength(2);
  expect(store.current()?.epoch).toBe(2);
});
