import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DirectoryError } from '../errors.ts';
import {
  agreedList,
  type ChainList,
  chainNodeList,
  joinedChainList,
  parseChainList,
  serializeChainList,
} from './chain-list.ts';

const keys = Array.from({ length: 6 }, (_, index) => deriveNodeKeys(new Uint8Array(32).fill(index + 1)));
const SWARM = '9223372036854775807';

/** As oxend writes it: swarm ids are numbers beyond what JavaScript's have room for. */
function entry(index: number, changes: Record<string, unknown> = {}): string {
  const { ed25519, x25519, legacy } = keys[index]!;
  const { swarm = SWARM, ...rest } = changes;
  const members = {
    service_node_pubkey: bytesToHex(legacy.publicKey),
    pubkey_ed25519: bytesToHex(ed25519.publicKey),
    pubkey_x25519: bytesToHex(x25519.publicKey),
    public_ip: `203.0.113.${index}`,
    storage_port: 22_021,
    storage_lmq_port: 22_020,
    ...rest,
  };
  return JSON.stringify(members).replace(/}$/, `,"swarm_id":${String(swarm)}}`);
}

const answer = (entries: readonly string[], height = 7) =>
  `{"result":{"height":${height},"block_hash":"${'ab'.repeat(32)}","hardfork":19,"snode_revision":6,"service_node_states":[${entries.join()}]},"t":1,"hf":[19,6]}`;
const list = (entries: readonly string[], height?: number): ChainList => parseChainList(answer(entries, height));
const portsOf = (agreed: ChainList | null) => agreed?.nodes.map(({ ip, httpsPort }) => `${ip}:${httpsPort}`).sort();

describe('an answer', () => {
  test('gives nodes with exact swarm ids; those without keys are left out', () => {
    const { nodes, height, hardFork } = list([
      entry(1),
      entry(2, { pubkey_ed25519: '', pubkey_x25519: '' }),
      entry(3, { pubkey_x25519: undefined }),
      entry(4, { public_ip: '0.0.0.0', storage_port: 0 }),
    ]);
    expect({ height, hardFork }).toEqual({ height: 7, hardFork: [19, 6] });
    expect(nodes.map(({ ip }) => ip).sort()).toEqual(['0.0.0.0', '203.0.113.1']);
    expect(nodes.every(({ swarmId }) => swarmId === BigInt(SWARM))).toBe(true);
  });

  test('is refused as a whole if a record is malformed, or nobody can be reached', () => {
    for (const wrong of [{ public_ip: 7 }, { storage_port: 70_000 }, { pubkey_ed25519: 'xyz' }, { swarm: '"1"' }]) {
      expect(() => list([entry(1), entry(2, wrong)])).toThrow(DirectoryError);
    }
    expect(() => list([])).toThrow(DirectoryError);
    expect(() => list([entry(1, { public_ip: '0.0.0.0' })])).toThrow(DirectoryError);
  });

  test('that is anything else is refused with one error', () => {
    const any = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"result":${json}}`),
      fc.json().map((json) => answer([entry(1), json])),
      fc.nat().map((at) => answer([entry(1), entry(2)]).slice(0, at % 700)),
    );
    fc.assert(
      fc.property(any, (text) => {
        expect(() => parseChainList(text)).toThrow(DirectoryError);
      }),
    );
  });

  test('is kept in the same form', () => {
    const told = list([entry(1), entry(2, { swarm: '3' }), entry(4, { public_ip: '0.0.0.0' })]);
    const { nodes, height, blockHash, hardFork } = parseChainList(serializeChainList(chainNodeList(told, 5, false)));
    expect({ height, blockHash, hardFork }).toEqual({ height: 7, blockHash: told.blockHash, hardFork: [19, 6] });
    expect(nodes).toEqual(told.nodes);
  });
});

describe('several nodes', () => {
  test('list whom two of them tell the same of', () => {
    const agreed = agreedList([
      list([entry(1), entry(2), entry(3)], 9),
      list([entry(1), entry(2, { storage_port: 1 }), entry(4)], 8),
      list([entry(1), entry(3), entry(5, { swarm: '1' })], 100),
    ]);
    expect(portsOf(agreed)).toEqual(['203.0.113.1:22021', '203.0.113.3:22021']);
    expect(agreed?.height).toBe(9);
  });

  test.each(['public_ip', 'pubkey_x25519', 'swarm'])('one alone cannot change the %s of a node', (member) => {
    const lie = { public_ip: '198.51.100.1', pubkey_x25519: 'ee'.repeat(32), swarm: '5' }[member];
    const agreed = agreedList([list([entry(1), entry(2)]), list([entry(1), entry(2, { [member]: lie })])]);
    expect(portsOf(agreed)).toEqual(['203.0.113.1:22021']);
  });

  test('say nothing alone, or if they agree on nobody', () => {
    expect(agreedList([])).toBeNull();
    expect(agreedList([list([entry(1)])])).toBeNull();
    expect(agreedList([list([entry(1)]), list([entry(2)]), list([entry(3)])])).toBeNull();
  });
});

test('lists that came in different forms agree on the nodes that are in both', () => {
  const told = list([entry(0), entry(1), entry(2)]);
  const records = told.nodes.slice(0, 2).map(({ x25519Key: _, legacyKey: __, ...record }) => record);
  const head = { height: 7, block_hash: 'ab'.repeat(32), hardfork: 19, snode_revision: 6, service_node_states: [] };
  const short = joinedChainList(head, [...records, records[0]!]);
  expect(short.nodes).toHaveLength(2);
  expect(agreedList([told, short])?.nodes).toHaveLength(2);
  expect(agreedList([short, short])?.nodes).toHaveLength(2);
  const another = { ...told.nodes[0]!, x25519Key: keys[5]!.x25519.publicKey };
  expect(agreedList([{ ...told, nodes: [another] }, short])).toBeNull();
  expect(() => joinedChainList({ ...head, height: 'high' }, records)).toThrow(DirectoryError);
  expect(() => joinedChainList(head, [])).toThrow(DirectoryError);
});
