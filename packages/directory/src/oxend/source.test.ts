import { encodeBt } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import { NO_SWARM } from '@sotto/wire/swarm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OxendRequest } from './rpc.ts';
import { OxendSource, type OxendSourceOptions } from './source.ts';

const keysOf = (index: number) => deriveNodeKeys(new Uint8Array(32).fill(index + 1));

function entry(index: number, changes: Record<string, unknown> = {}) {
  const { ed25519, x25519, legacy } = keysOf(index);
  return {
    service_node_pubkey: bytesToHex(legacy.publicKey),
    pubkey_ed25519: bytesToHex(ed25519.publicKey),
    pubkey_x25519: bytesToHex(x25519.publicKey),
    public_ip: '203.0.113.7',
    storage_port: 22021 + index,
    storage_lmq_port: 22020,
    storage_server_version: [2, 11, 3],
    swarm_id: 'SWARM9223372036854775807',
    funded: true,
    ...changes,
  };
}

/** A chain whose answers a test sets; swarm ids are written as the integers that they are. */
class Chain {
  height = 100;
  hardFork = [19, 6];
  entries: object[] = [];
  answers = true;
  readonly asked: Record<string, unknown>[] = [];
  text: string | null = null;

  readonly request: OxendRequest = async (command, [data]) => {
    expect(command).toBe('rpc.get_service_nodes');
    const params = JSON.parse(Buffer.from(data!).toString());
    this.asked.push(params);
    if (!this.answers) return null;
    const blockHash = this.height.toString(16).padStart(64, '0');
    const body =
      params.poll_block_hash === blockHash
        ? { status: 'OK', unchanged: true }
        : {
            status: 'OK',
            height: this.height,
            block_hash: blockHash,
            hardfork: this.hardFork[0],
            snode_revision: this.hardFork[1],
            service_node_states: this.entries,
          };
    const json = this.text ?? JSON.stringify(body).replace(/"SWARM([0-9]+)"/g, '$1');
    return [Buffer.from('200'), Buffer.from(json)];
  };
}

const many = (count: number, changes = {}) => Array.from({ length: count }, (_, index) => entry(index, changes));

function sourceOf(chain: Chain, changes: Partial<OxendSourceOptions> = {}) {
  const problems: string[] = [];
  const source = new OxendSource({
    request: chain.request,
    seeds: [],
    plausibleNodes: 10,
    monotonicNow: () => 0,
    onProblem: ({ message }) => problems.push(message),
    ...changes,
  });
  return { source, problems };
}

test('the list has every node with its own keys, swarms exactly, and what the chain says of itself', async () => {
  const chain = new Chain();
  const oldKey = bytesToHex(keysOf(50).ed25519.publicKey);
  chain.entries = [
    entry(0, { service_node_pubkey: oldKey }),
    entry(1, { swarm_id: `SWARM${NO_SWARM}` }),
    entry(2, { funded: false }),
    entry(3, { pubkey_ed25519: '' }),
    entry(4, { public_ip: undefined, storage_port: undefined, storage_server_version: undefined }),
  ];
  const { source } = sourceOf(chain);
  await source.refresh();
  const list = source.current()!;
  expect(list.epoch).toBe(100);
  expect(list.hardFork).toEqual([19, 6]);
  expect(list.swarmIds).toEqual([9223372036854775807n]);
  expect(list.nodes).toHaveLength(3);
  const first = list.node(keysOf(0).ed25519.publicKey)!;
  expect(bytesToHex(first.legacyKey!)).toBe(oldKey);
  expect(list.x25519Key(first)).toEqual(Buffer.from(keysOf(0).x25519.publicKey));
  expect(list.node(keysOf(1).ed25519.publicKey)?.swarmId).toBe(NO_SWARM);
  expect(list.node(keysOf(4).ed25519.publicKey)).toMatchObject({ ip: '0.0.0.0', httpsPort: 0, version: [0, 0, 0] });
});

test('a block that is known already is not sent again, and an address that oxend forgot is kept', async () => {
  const chain = new Chain();
  chain.entries = many(3);
  const { source } = sourceOf(chain);
  const lists: number[] = [];
  source.onChange(({ epoch }) => lists.push(epoch));
  await source.refresh();
  await source.refresh();
  expect(chain.asked[1]).toMatchObject({ poll_block_hash: (100).toString(16).padStart(64, '0'), active_only: false });
  chain.height = 101;
  chain.entries = [entry(0, { public_ip: '0.0.0.0', storage_port: 0, storage_lmq_port: 0 }), entry(1)];
  await source.refresh();
  expect(lists).toEqual([100, 101]);
  expect(source.current()!.nodes).toHaveLength(2);
  expect(source.current()!.node(keysOf(0).ed25519.publicKey)).toMatchObject({ ip: '203.0.113.7', httpsPort: 22021 });
});

test('questions that come while one is under way become one', async () => {
  const chain = new Chain();
  chain.entries = many(2);
  const { source } = sourceOf(chain);
  await Promise.all([source.refresh(), source.refresh(), source.refresh()]);
  expect(chain.asked).toHaveLength(2);
});

test('the last list stays while oxend is away or answers badly', async () => {
  const chain = new Chain();
  chain.entries = many(2);
  const { source, problems } = sourceOf(chain);
  await source.refresh();
  chain.answers = false;
  await source.refresh();
  chain.answers = true;
  chain.text = '{"height":101}';
  await source.refresh();
  chain.text = 'not JSON';
  await source.refresh();
  expect(source.current()!.epoch).toBe(100);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toContain('block_hash');
});

test('with enough nodes of which nearly all are reachable, oxend is in step at once and no seed is asked', async () => {
  const chain = new Chain();
  chain.entries = many(10);
  const seed = new Chain();
  const { source } = sourceOf(chain, { seeds: [seed.request] });
  expect(source.isSyncing).toBe(true);
  await source.refresh();
  expect(source.isSyncing).toBe(false);
  expect(seed.asked).toHaveLength(0);
});

test('a short list waits for the height that seeds tell, whose list serves meanwhile', async () => {
  const chain = new Chain();
  chain.height = 50;
  chain.entries = many(3);
  const seed = new Chain();
  seed.entries = many(12);
  const { source } = sourceOf(chain, { seeds: [seed.request, async () => null] });
  await source.refresh();
  expect(source.isSyncing).toBe(true);
  expect(source.targetHeight).toBe(100);
  expect(source.current()!.nodes).toHaveLength(12);
  chain.height = 99;
  await source.refresh();
  expect(source.current()!.epoch).toBe(100);
  chain.height = 100;
  chain.entries = many(11);
  await source.refresh();
  expect(source.isSyncing).toBe(false);
  chain.height = 101;
  await source.refresh();
  expect(source.current()!.epoch).toBe(101);
});

test('without any seed that answers, and an hour after the start, oxend is believed', async () => {
  const chain = new Chain();
  chain.entries = many(3);
  const alone = sourceOf(chain, { seeds: [async () => null] }).source;
  await alone.refresh();
  expect(alone.isSyncing).toBe(false);
  expect(alone.current()!.nodes).toHaveLength(3);

  let now = 0;
  const seed = new Chain();
  seed.height = 1000;
  const late = sourceOf(chain, { seeds: [seed.request], monotonicNow: () => now }).source;
  await late.refresh();
  expect(late.isSyncing).toBe(true);
  now = 3_600_000;
  await late.refresh();
  expect(late.isSyncing).toBe(false);
  expect(late.current()!.epoch).toBe(100);
});

test('a pushed address moves its node, and nothing else changes', async () => {
  const chain = new Chain();
  chain.entries = many(3);
  const { source } = sourceOf(chain);
  await source.refresh();
  const { ed25519, x25519 } = keysOf(1);
  const notice = { K: ed25519.publicKey, Kx: x25519.publicKey, ip: '203.0.113.99', sh: 1, sq: 2, vs: [2, 11, 9] };
  source.takeAddress(encodeBt(notice));
  expect(source.current()!.node(ed25519.publicKey)).toMatchObject({ ip: '203.0.113.99', httpsPort: 1, omqPort: 2 });
  const before = source.current();
  source.takeAddress(encodeBt({ ...notice, K: keysOf(70).ed25519.publicKey }));
  source.takeAddress(encodeBt({ ...notice, ip: 'no address' }));
  expect(source.current()).toBe(before);
});

test('whatever bytes are pushed or answered, nothing is thrown and the list stays', async () => {
  const chain = new Chain();
  chain.entries = many(2);
  const { source } = sourceOf(chain);
  await source.refresh();
  const before = source.current();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.json(), async (bytes, json) => {
      source.takeAddress(bytes);
      chain.text = json;
      await source.refresh();
      expect(source.current()).toBe(before);
    }),
    { numRuns: 200 },
  );
});
