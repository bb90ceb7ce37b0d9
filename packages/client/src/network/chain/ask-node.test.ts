import { chainNodeList, serviceNodes } from '@sotto/directory';
import { bytesToBase64, bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys, encodeNodeRecords, type NodeRecord, nodeX25519Key } from '@sotto/wire/nodes';
import type { JsonRequest } from '@sotto/wire/rpc';
import { expect, test } from 'vitest';
import type { ListUsers, MirrorReply } from '../list-source.ts';
import type { Relay } from '../relay.ts';
import { askNode } from './ask-node.ts';

const records: NodeRecord[] = Array.from({ length: 40 }, (_, index) => {
  const { ed25519, x25519 } = deriveNodeKeys(new Uint8Array(32).fill(index + 1));
  return {
    ed25519Key: ed25519.publicKey,
    x25519Key: x25519.publicKey,
    swarmId: 2n ** 64n - 2n - BigInt(index % 3),
    ip: `203.0.${index}.1`,
    httpsPort: 22_021,
    omqPort: 22_020,
    version: [2, 11, 3],
  };
});
const told = { height: 7, blockHash: new Uint8Array(32).fill(1), hardFork: [19, 6] as const, nodes: records };
const list = chainNodeList(told, 0, false);
const json = (value: unknown) =>
  JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `BIG${part}` : part)).replaceAll(
    /"BIG(\d+)"/g,
    '$1',
  );
const oxend = (params: unknown) => ({ result: serviceNodes(list, params, () => new Uint8Array(4)), t: 1, hf: [19, 6] });

type Params = { requests: { method: string; params: { params: unknown } }[]; params: unknown };

/** A node that answers as the chapters say; `knows` are the methods that it has. */
function node(knows: readonly string[], changed: (body: string) => string = (body) => body) {
  const asked: string[] = [];
  let received = 0;
  const answer = ({ method, params: given }: JsonRequest): MirrorReply => {
    const params = given as unknown as Params;
    asked.push(method);
    const methods = method === 'batch' ? params.requests.map((each) => each.method) : [method];
    const unknown = methods.find((each) => !knows.includes(each));
    if (unknown) return { status: 400, body: `no method ${unknown}` };
    if (method !== 'batch') return { status: 200, body: json(oxend(params.params)) };
    const results = params.requests.map((each) =>
      each.method === 'active_nodes_bin'
        ? { code: 200, body: bytesToBase64(encodeNodeRecords(records)) }
        : { code: 200, body: oxend(each.params.params) },
    );
    return { status: 200, body: json({ results }) };
  };
  const users = {
    askMirror: async (_mirror: Relay, request: JsonRequest) => {
      const { status, body } = answer(request);
      received += body.length;
      return { status, body: changed(body) };
    },
  } as unknown as ListUsers;
  return { ask: () => askNode(users, {} as Relay, new AbortController().signal), asked, size: () => received };
}

const KNOWS = ['active_nodes_bin', 'oxend_request'];
const named = (nodes: readonly NodeRecord[]) =>
  nodes.map((each) => `${bytesToHex(each.ed25519Key)} ${bytesToHex(nodeX25519Key(each)!)} ${each.swarmId} ${each.ip}`);

test('the short form is asked for first, and says the same as the long one in a fraction of the bytes', async () => {
  const short = node(KNOWS);
  const long = node(['oxend_request']);
  const [a, b] = [await short.ask(), await long.ask()];
  expect(short.asked).toEqual(['batch']);
  expect(long.asked).toEqual(['batch', 'oxend_request']);
  expect(named(a!.nodes)).toEqual(named(b!.nodes));
  expect([a!.height, a!.hardFork, a!.blockHash]).toEqual([b!.height, b!.hardFork, b!.blockHash]);
  expect(short.size() * 4).toBeLessThan(long.size());
});

test.each([
  ['is no JSON', () => '{'],
  ['has a list cut off', (body: string) => body.replace(/"body":"(.{20})/, '"body":"')],
  ['has a result missing', (body: string) => body.replace(/\{"code":200/, '{"code":400')],
  ['tells of nobody', (body: string) => body.replace(/"body":"[^"]+"/, '"body":""')],
])('a short form that %s is none; the long one counts', async (_what, change) => {
  const { ask, asked } = node(KNOWS, (body) => (asked.length === 1 ? change(body) : body));
  expect((await ask())?.nodes).toHaveLength(40);
  expect(asked).toEqual(['batch', 'oxend_request']);
});

test('a node that has neither, or cannot be reached, gives nothing', async () => {
  expect(await node([]).ask()).toBeNull();
  const away = { askMirror: () => Promise.reject(new Error('away')) } as unknown as ListUsers;
  expect(await askNode(away, {} as Relay, new AbortController().signal)).toBeNull();
});
