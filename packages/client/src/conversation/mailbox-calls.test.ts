import { WireError } from '@sotto/wire';
import { accountIdToBytes, deriveAccount } from '@sotto/wire/account';
import { bytesToBase64, bytesToHex } from '@sotto/wire/bytes';
import { ed25519KeyPair, ed25519Sign } from '@sotto/wire/crypto';
import { type BatchRequest, messageHash, parseRequest, storeMemberBytes } from '@sotto/wire/rpc';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retrieveCall, storeCall } from './mailbox-calls.ts';

const account = deriveAccount(new Uint8Array(16).fill(3));
const { accountId } = account;
const data = Uint8Array.of(1, 2, 3);
const hash = messageHash(accountIdToBytes(accountId), 0, data);
const retrieve = retrieveCall({ account, lastHashes: new Map([[0, '']]), wait: 0 });

const item = (changes: object = {}) => ({ hash, data: bytesToBase64(data), timestamp: 5, expiration: 6, ...changes });
const info = { version: [2, 11, 3], features: ['wait'], t: 1 };
const answer = (messages: readonly object[], more = false) => ({
  results: [
    { code: 200, body: { messages, more, t: 1 } },
    { code: 200, body: info },
  ],
});

test('storing seals anew for every attempt and believes only the hash of what it sent', () => {
  let sealed = 0;
  const call = storeCall({ accountId, members: [], namespace: 0, ttl: 1000, seal: () => Uint8Array.of(sealed++) });
  const requests = [call.build(10), call.build(20)];
  const read = requests.map(({ method, params }) => parseRequest(method, { format: 'json', value: params }));
  expect(read).toMatchObject([
    { accountId, timestamp: 10, expiry: 1010, data: Buffer.of(0) },
    { accountId, timestamp: 20, expiry: 1020, data: Buffer.of(1) },
  ]);
  const last = messageHash(accountIdToBytes(accountId), 0, Uint8Array.of(1));
  expect(call.read({ hash: last, swarm: {}, t: 1 })).toEqual({ hash: last, copies: 0 });
  expect(() => call.read({ hash })).toThrow(WireError);
});

test('a message is stored when two members have signed that they keep it, or one where there is only one', () => {
  const pairs = [1, 2, 3].map((seed) => ed25519KeyPair(new Uint8Array(32).fill(seed)));
  const [first, second, stranger] = pairs.map(({ publicKey }) => ({ key: bytesToHex(publicKey) }));
  const signed = (...signers: number[]) =>
    signers.map((signer) => {
      const signature = bytesToBase64(ed25519Sign(storeMemberBytes(hash), pairs[signer]!.secretKey));
      return { hash, expiry: 1, signature };
    });
  const [byFirst, bySecond, byStranger] = signed(0, 1, 2);
  const ask = (members: { key: string }[], swarm: object) => {
    const call = storeCall({ accountId, members, namespace: 0, ttl: 1000, seal: () => data });
    call.build(10);
    const reply = call.read({ hash, swarm, t: 1 });
    return { copies: reply.copies, isEnough: call.isEnough!(reply) };
  };
  const both = { [first!.key]: byFirst, [second!.key]: bySecond };
  expect(ask([first!, second!], both)).toEqual({ copies: 2, isEnough: true });
  expect(ask([first!], both)).toEqual({ copies: 1, isEnough: true });
  expect(ask([first!, second!], { [first!.key]: byFirst })).toEqual({ copies: 1, isEnough: false });
  const forged = { [first!.key]: byFirst, [second!.key]: byFirst, [stranger!.key]: byStranger };
  expect(ask([first!, second!], forged)).toEqual({ copies: 1, isEnough: false });
  expect(ask([first!, second!], { ...both, [second!.key]: { failed: true } })).toMatchObject({ isEnough: false });
});

test('reading asks signed, from where it stopped, for as much as an answer holds', () => {
  const timestamp = 1_790_000_000_000;
  const lastHashes = new Map([
    [2, ''],
    [0, hash],
  ]);
  const request = retrieveCall({ account, lastHashes, wait: 0 }).build(timestamp);
  expect(parseRequest(request.method, { format: 'json', value: request.params })).toMatchObject({
    method: 'batch',
    requests: [
      { method: 'retrieve', namespace: 2, lastHash: null, maxSize: -2, wait: 0, timestamp, accountId },
      { method: 'retrieve', namespace: 0, lastHash: hash, maxSize: -2, wait: 0, timestamp, accountId },
      { method: 'info' },
    ],
  });
  const { features, namespaces } = retrieve.read(answer([item()], true));
  expect(features).toEqual(['wait']);
  expect(namespaces.get(0)).toEqual({
    messages: [{ hash, data: Buffer.from(data), timestamp: 5, expiresAt: 6 }],
    last: { hash, expiresAt: 6 },
    more: true,
  });
  expect(retrieve.read(answer([])).namespaces.get(0)).toEqual({ messages: [], last: null, more: false });
  expect(() => retrieve.read({ results: [answer([]).results[0]] })).toThrow(WireError);
});

test('a request that waits asks for nothing else', () => {
  const call = retrieveCall({ account, lastHashes: new Map([[0, '']]), wait: 20_000 });
  const request = call.build(1_790_000_000_000);
  const { requests } = parseRequest(request.method, { format: 'json', value: request.params }) as BatchRequest;
  expect(requests).toMatchObject([{ method: 'retrieve', wait: 20_000 }]);
  expect(call.read({ results: [answer([item()]).results[0]] }).features).toBeNull();
});

test.each([
  { data: bytesToBase64(Uint8Array.of(9)) },
  { hash: 'x'.repeat(43) },
  { hash: 1 },
  { timestamp: 'soon' },
  { expiration: 1.5 },
  { data: '***' },
])('a message that is not what its hash says, or malformed, convicts the node: %o', (changes) => {
  expect(retrieve.read(answer([item(), item()])).namespaces.get(0)!.messages).toHaveLength(2);
  expect(() => retrieve.read(answer([item(), item(changes)]))).toThrow(WireError);
});

test('whatever a node answers is read or refused', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc
      .record({ messages: fc.array(fc.oneof(fc.jsonValue(), fc.constant(item()))), more: fc.jsonValue(), t: fc.nat() })
      .map((body) => ({ results: [{ code: 200, body }, answer([]).results[1]] })),
  );
  fc.assert(
    fc.property(anything, (body) => {
      for (const call of [retrieve, storeCall({ accountId, members: [], namespace: 0, ttl: 1, seal: () => data })]) {
        try {
          call.read(body);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }),
  );
});
