import { expect, test } from 'vitest';
import { bytesToBase64, bytesToHex } from '../bytes/index.ts';
import { ed25519KeyPair, ed25519Sign } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { encodeNodeRecords } from '../nodes/index.ts';
import {
  deleteMemberBytes,
  expireMemberBytes,
  parseAnswer,
  parseBatchReply,
  parseIfElseReply,
  parseMemberReply,
  RpcFailure,
  readResult,
  storeMemberBytes,
  toBt,
  toJson,
  verifyMember,
} from './index.ts';

const NOW = 1_768_478_400_000;
const HASH = 'W7URYciY6YNaMOCj3+6kYZy9sp+4+zyJz1yBW9jKf2c';
const stamp = { t: NOW, hf: [19, 6] };
const node = ed25519KeyPair(new Uint8Array(32).fill(3));
const nodeKey = bytesToHex(node.publicKey);
const signed = (bytes: Uint8Array) => bytesToBase64(ed25519Sign(bytes, node.secretKey));

/** Reads a success. */
function replyOf<Method extends Parameters<typeof parseAnswer>[0]>(method: Method, body: unknown) {
  const answer = parseAnswer(method, { code: 200, body });
  if (answer.kind !== 'done') throw new Error(answer.kind);
  return answer.reply;
}

test('store: successes with their signatures beside failures of every form', () => {
  const [timedOut, refused, old, broken] = ['1', '2', '3', '4'].map((digit) => digit.repeat(64));
  const { members, hash, t } = replyOf('store', {
    hash: HASH,
    swarm: {
      [nodeKey]: { hash: HASH, expiry: NOW, already: 1, signature: signed(storeMemberBytes(HASH)) },
      [timedOut!]: { failed: true, timeout: true },
      [refused!]: { failed: true, code: '401', reason: 'no' },
      [old!]: { failed: 1, query_failure: 1 },
      [broken!]: { hash: HASH, expiry: 'soon', signature: 'AAAA' },
    },
    ...stamp,
  });
  expect({ hash, t }).toEqual({ hash: HASH, t: NOW });
  const good = members.get(nodeKey)!;
  if (good.failed) throw new Error('failed');
  expect(good).toMatchObject({ hash: HASH, expiry: NOW, already: true });
  expect(verifyMember(nodeKey, storeMemberBytes(HASH), good)).toBe(true);
  expect(verifyMember('1'.repeat(64), storeMemberBytes(HASH), good)).toBe(false);
  expect(verifyMember('no key', storeMemberBytes(HASH), good)).toBe(false);
  const failure = { failed: true, timeout: false, code: null, reason: null };
  expect(members.get(timedOut!)).toEqual({ ...failure, timeout: true });
  expect(members.get(refused!)).toEqual({ ...failure, code: 401, reason: 'no' });
  expect(members.get(old!)).toEqual(failure);
  expect(members.get(broken!)).toMatchObject({ failed: true, timeout: false });
});

test('expire: the signature covers what was not changed', () => {
  const request = { accountId: `05${'a'.repeat(64)}`, messages: [HASH] };
  const outcome = { expiry: NOW, updated: [], unchanged: new Map([[HASH, NOW + 1]]) };
  const body = {
    swarm: {
      [nodeKey]: {
        expiry: NOW,
        updated: [],
        unchanged: { [HASH]: NOW + 1 },
        signature: signed(expireMemberBytes(request, outcome)),
      },
    },
    ...stamp,
  };
  const member = replyOf('expire', body).members.get(nodeKey)!;
  if (member.failed) throw new Error('failed');
  expect(verifyMember(nodeKey, expireMemberBytes(request, member), member)).toBe(true);
  expect(verifyMember(nodeKey, deleteMemberBytes(request, member.updated), member)).toBe(false);
});

test('delete_all: by namespace when all were asked for', () => {
  const result = { deleted: { '-11': [HASH], 0: [] }, signature: bytesToBase64(new Uint8Array(64)) };
  const member = replyOf('delete_all', { swarm: { [nodeKey]: result }, ...stamp }).members.get(nodeKey)!;
  expect(member).toMatchObject({
    failed: false,
    deleted: new Map([
      [0, []],
      [-11, [HASH]],
    ]),
  });
});

test('retrieve: data is decoded, also the empty data of the reference', () => {
  const message = { hash: HASH, timestamp: NOW, expiration: NOW + 1 };
  const messages = [
    { ...message, data: 'aGVsbG8=' },
    { ...message, data: '=' },
  ];
  const reply = replyOf('retrieve', { messages, more: true, ...stamp });
  expect(reply.more).toBe(true);
  expect(reply.messages.map(({ data }) => Buffer.from(data).toString())).toEqual(['hello', '']);
  const malformed = [{ messages: [{ ...message, data: '*' }] }, { messages: {} }, { messages: [null] }, null, 'text'];
  for (const body of malformed) expect(() => replyOf('retrieve', body)).toThrow(WireError);
});

const snode = {
  address: 'x.snode',
  ip: '10.0.0.1',
  port: '22021',
  port_https: 22021,
  port_omq: 22020,
  port_quic: 22020,
  pubkey_ed25519: 'ab'.repeat(32),
  pubkey_x25519: 'cd'.repeat(32),
  pubkey_legacy: 'ab'.repeat(32),
};
const swarmBody = { snodes: [snode, { ...snode, ip: '0.0.0.0' }], swarm: '7fffffffffffffff', ...stamp };

test('get_swarm and 421 name the members that can be reached', () => {
  const { nodes, swarmId } = replyOf('get_swarm', swarmBody);
  expect(swarmId).toBe(2n ** 63n - 1n);
  expect(nodes).toHaveLength(1);
  expect(nodes[0]).toMatchObject({ ip: '10.0.0.1', httpsPort: 22021, omqPort: 22020 });
  expect(bytesToHex(nodes[0]!.x25519Key)).toBe(snode.pubkey_x25519);
  expect(parseAnswer('store', { code: 421, body: swarmBody })).toMatchObject({ kind: 'wrong-swarm', swarm: { nodes } });
  expect(parseAnswer('store', { code: 421, body: 'where?' })).toEqual({ kind: 'wrong-swarm', swarm: null });
});

test('refusals keep their status and text', () => {
  expect(parseAnswer('store', readResult(401, 'store signature verification failed'))).toEqual({
    kind: 'refused',
    code: 401,
    text: 'store signature verification failed',
  });
  expect(parseAnswer('delete', readResult(404, '{"swarm":{}}'))).toEqual({ kind: 'refused', code: 404, text: '' });
});

test('info, node list, oxend and revocations', () => {
  expect(replyOf('info', { version: [2, 11, 3], timestamp: NOW, ...stamp })).toEqual({
    version: [2, 11, 3],
    features: [],
    ...stamp,
  });
  const features = ['wait', 7, 'sync'];
  expect(replyOf('info', { version: [2, 11, 3], features, ...stamp })).toMatchObject({ features: ['wait', 'sync'] });
  const records = [
    {
      ed25519Key: node.publicKey,
      swarmId: 5n,
      ip: '127.0.0.1',
      httpsPort: 1,
      omqPort: 2,
      version: [2, 11, 3] as const,
    },
  ];
  expect(replyOf('active_nodes_bin', bytesToBase64(encodeNodeRecords(records)))).toMatchObject([{ swarmId: 5n }]);
  expect(replyOf('directory', 'AQID')).toEqual(Buffer.from([1, 2, 3]));
  expect(replyOf('directory', '')).toBeNull();
  for (const body of ['*', {}, null, 1]) expect(() => replyOf('directory', body)).toThrow(WireError);
  expect(replyOf('oxend_request', { result: { a: 1 }, ...stamp }).result).toEqual({ a: 1 });
  const token = bytesToBase64(new Uint8Array(36));
  expect(replyOf('revoked_subaccounts', { revoked_subaccounts: [token], ...stamp }).tokens).toHaveLength(1);
  expect(() => replyOf('revoked_subaccounts', { revoked_subaccounts: ['AAAA'], ...stamp })).toThrow(WireError);
  expect(replyOf('get_expiries', { expiries: { [HASH]: NOW } })).toEqual(new Map([[HASH, NOW]]));
});

test('results of a batch are read one by one, and never more than were asked for', () => {
  const results = [
    { code: 200, body: { expiries: {} } },
    { code: 401, body: 'no' },
  ];
  const [first, second] = parseBatchReply({ results }, 2);
  expect(parseAnswer('get_expiries', first!)).toEqual({ kind: 'done', reply: new Map() });
  expect(parseAnswer('retrieve', second!)).toEqual({ kind: 'refused', code: 401, text: 'no' });
  expect(() => parseBatchReply({ results }, 1)).toThrow(WireError);
  expect(() => parseBatchReply({ results: [{ body: 1 }] }, 1)).toThrow(WireError);
});

test('ifelse tells the condition and, if a branch ran, its result', () => {
  expect(parseIfElseReply({ condition: true })).toEqual({ condition: true, result: null });
  const result = { code: 200, body: {} };
  expect(parseIfElseReply({ condition: false, result })).toEqual({ condition: false, result });
  expect(() => parseIfElseReply({ condition: 1 })).toThrow(WireError);
});

test('one reply value has both forms', () => {
  const reply = { b: [new Uint8Array([1, 2, 3]), true], a: undefined, c: 'text', d: { e: -1 } };
  expect(toJson(reply)).toEqual({ b: ['AQID', true], c: 'text', d: { e: -1 } });
  expect(Buffer.from(toBt(reply)).toString('latin1')).toBe('d1:bl3:\x01\x02\x03i1ee1:c4:text1:dd1:ei-1eee');
  for (const value of [null, { a: 1.5 }]) expect(() => toBt(value)).toThrow(RpcFailure);
});

test('the result of a peer keeps its signature raw and its integers', () => {
  const reply = parseMemberReply(toBt({ already: true, hash: HASH, signature: node.publicKey }));
  expect(toJson(reply)).toEqual({ already: 1, hash: HASH, signature: bytesToBase64(node.publicKey) });
  expect(() => parseMemberReply(Buffer.from('le'))).toThrow(WireError);
});
