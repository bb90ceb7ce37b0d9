import {
  type ChainNetworkFile,
  chainNodeList,
  NodeList,
  parseAnyNetworkFile,
  parseChainList,
  serializeChainList,
} from '@sotto/directory';
import { utf8ToBytes } from '@sotto/wire/bytes';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { ListUsers } from '../list-source.ts';
import type { NetworkMemory } from '../memory.ts';
import type { Relay } from '../relay.ts';
import { type Transport, TransportError } from '../transport.ts';
import { ChainLists } from './chain-lists.ts';
import { CHAIN_MEMORY } from './chain-nodes.ts';

const SEEDS = ['https://a.test', 'https://b.test'];
const network = parseAnyNetworkFile(
  JSON.stringify({
    sotto: 1,
    name: 'Chain',
    chain: { id: 'test', seeds: SEEDS.map((url) => ({ url, unverified: true })) },
  }),
) as ChainNetworkFile;
const records: NodeRecord[] = Array.from({ length: 30 }, (_, index) => {
  const { ed25519, x25519, legacy } = deriveNodeKeys(new Uint8Array(32).fill(index + 1));
  return {
    ed25519Key: ed25519.publicKey,
    x25519Key: x25519.publicKey,
    legacyKey: legacy.publicKey,
    swarmId: BigInt(index % 3),
    ip: `203.0.${index}.1`,
    httpsPort: 1,
    omqPort: 2,
    version: [2, 8, 0],
  };
});

let clock: ManualClock;
let kept: Map<string, Uint8Array>;
let seedCalls: string[];
/** How many nodes seeds tell of; `null`: they are away. */
let seeds: number | null;
/** The same of each mirror. */
let mirrors: (number | null)[];
let isStranded: boolean;

const answer = (count: number) => {
  const told = {
    height: count,
    blockHash: new Uint8Array(32),
    hardFork: [19, 6] as const,
    nodes: records.slice(0, count),
  };
  return serializeChainList(chainNodeList(told, 0, false));
};

beforeEach(() => {
  clock = new ManualClock(1_790_000_000_000);
  kept = new Map();
  seedCalls = [];
  seeds = 20;
  mirrors = [];
  isStranded = false;
});

const memory: NetworkMemory = {
  read: (name) => kept.get(name) ?? null,
  write: (name, value) => void kept.set(name, value),
};
const transport: Transport = {
  post: async (url) => {
    seedCalls.push(url);
    if (seeds === null) throw new TransportError('unreachable');
    return { status: 200, body: utf8ToBytes(answer(seeds)) };
  },
  get: () => Promise.reject(new TransportError('unreachable')),
  close: () => {},
};
const users: ListUsers = {
  mirrors: () => mirrors.map((_, index) => ({ key: String(index) }) as Relay),
  askMirror: async ({ key }) => {
    const count = mirrors[Number(key)]!;
    if (count === null) return { status: 400, body: 'Daemon is busy' };
    return { status: 200, body: answer(count) };
  },
  guards: () => [],
  isStranded: () => isStranded,
  onAttempt: () => {},
};

const open = () => new ChainLists({ network, memory, transport, clock, timings: { fetch: 1000 } });
const refresh = (lists: ChainLists) => lists.refresh(users, new AbortController().signal);
const known = (lists: ChainLists) => lists.nodes.current()?.nodes.length ?? null;

/** With a list of twenty nodes from the seeds, who are not asked any more from then on. */
async function begun(): Promise<ChainLists> {
  const lists = open();
  await refresh(lists);
  seedCalls = [];
  return lists;
}

test('the first list comes from the seeds and survives a restart', async () => {
  const lists = open();
  expect(known(lists)).toBeNull();
  await refresh(lists);
  expect(seedCalls.toSorted()).toEqual(SEEDS.map((url) => `${url}/json_rpc`));
  seeds = null;
  expect(known(open())).toBe(20);
  expect(open().nodes.current()).toBeInstanceOf(NodeList);
});

test('what is kept is no list of another chain, and garbage is none at all', async () => {
  await begun();
  const other = { ...network, chain: { ...network.chain, id: 'other' } };
  const openOther = () => new ChainLists({ network: other, memory, transport, clock, timings: { fetch: 1 } });
  expect(openOther).toThrow(expect.objectContaining({ code: 'bad-network' }));
  kept.set(CHAIN_MEMORY, utf8ToBytes('{"chain":"test","takenAt":1,"list":"{}"}'));
  expect(known(open())).toBeNull();
});

describe('later lists', () => {
  test('come from nodes, if two of them agree', async () => {
    const lists = await begun();
    mirrors = [25, null, 24];
    await refresh(lists);
    expect(known(lists)).toBe(24);
    expect(seedCalls).toEqual([]);
  });

  test.each([[[25, null, null]], [[]], [[null, null, null]]])(
    'do not come about with %j; seeds are left alone',
    async (told) => {
      const lists = await begun();
      mirrors = told;
      await expect(refresh(lists)).rejects.toMatchObject({ code: 'fetch' });
      expect(known(lists)).toBe(20);
      expect(seedCalls).toEqual([]);
    },
  );

  test('come from seeds after a day of failures, or when nobody can be reached', async () => {
    const lists = await begun();
    seeds = 22;
    isStranded = true;
    await refresh(lists);
    expect(known(lists)).toBe(22);
    isStranded = false;
    await clock.advance(25 * 3_600_000);
    seeds = 23;
    await refresh(lists);
    expect(known(lists)).toBe(23);
  });

  test('that lose more than a third are checked with the seeds, and not taken without them', async () => {
    const lists = await begun();
    mirrors = [13, 13, 13];
    await refresh(lists);
    expect(known(lists)).toBe(20);
    expect(seedCalls).toHaveLength(2);
    seeds = null;
    await expect(refresh(lists)).rejects.toMatchObject({ code: 'fetch' });
    expect(known(lists)).toBe(20);
  });

  test('below twelve are checked with the seeds, but taken without them', async () => {
    seeds = 15;
    const lists = await begun();
    mirrors = [11, 11, 11];
    await refresh(lists);
    expect(known(lists)).toBe(15);
    seeds = null;
    await refresh(lists);
    expect(known(lists)).toBe(11);
  });

  test('are told to others only if they differ', async () => {
    const lists = await begun();
    let told = 0;
    lists.nodes.onChange(() => told++);
    mirrors = [20, 20, 20];
    await refresh(lists);
    expect(told).toBe(0);
    mirrors = [21, 21, 21];
    await refresh(lists);
    expect(told).toBe(1);
  });
});

test('nobody signs anything, and nothing ends', async () => {
  const lists = await begun();
  expect(lists.nodes.isExpired()).toBe(false);
  expect(lists.info()).toMatchObject({
    chain: { seeds: SEEDS.map((url) => ({ url, verified: false })) },
    authorities: [],
    threshold: 0,
    successions: [],
    history: [],
    list: { number: 20, nodes: 20, validFrom: clock.now(), validUntil: null, expired: false },
  });
  expect(parseChainList(answer(3)).nodes).toHaveLength(3);
});
