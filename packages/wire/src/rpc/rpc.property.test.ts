import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BtInput, encodeBt } from '../bt/index.ts';
import { bytesToBase64Unpadded, bytesToHex, hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import {
  btParams,
  checkRequest,
  forwardedParams,
  isSwarmRequest,
  jsonRequest,
  METHODS,
  monitorReply,
  type PlainRequest,
  parseAnswer,
  parseBatchReply,
  parseForwardedRequest,
  parseIfElseReply,
  parseMemberReply,
  parseMonitor,
  parseRequest,
  type RequestParams,
  RpcFailure,
  readEnvelope,
  readOmqParams,
  type StorageRequest,
  toBt,
  toJson,
} from './index.ts';

const NOW = 1_768_478_400_000;
const REFUSALS = [400, 401, 403, 406];

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const time = fc.integer({ min: 1_000_000_000, max: Number.MAX_SAFE_INTEGER });
const namespace = fc.integer({ min: -32768, max: 32767 });
const namespaceOrAll = fc.oneof(namespace, fc.constant('all' as const));
const count = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const hash = bytes(32).map(bytesToBase64Unpadded);
const hashes = fc.array(hash, { minLength: 1, maxLength: 5 });
const subaccount = fc.option(fc.record({ token: bytes(36), signature: bytes(64) }));

const account = (ids: fc.Arbitrary<string>) => ids.map((accountId) => ({ accountId, account: hexToBytes(accountId) }));
const anyId = bytes(33).map(bytesToHex);
const sessionId = bytes(32).map((key) => `05${bytesToHex(key)}`);
const otherId = anyId.filter((id) => !id.startsWith('05'));

/** Account and proof, with the Ed25519 key only where it is allowed. */
const authenticated = (proofs: typeof subaccount) =>
  fc.oneof(
    fc.record({
      owner: account(sessionId),
      auth: fc.record({ signature: bytes(64), ed25519Key: fc.option(bytes(32)), subaccount: proofs }),
    }),
    fc.record({
      owner: account(otherId),
      auth: fc.record({ signature: bytes(64), ed25519Key: fc.constant(null), subaccount: proofs }),
    }),
  );

/** A request of one method: account, proof, and the fields of its own. */
const signed = <Own extends object>(own: fc.Arbitrary<Own>, proofs = subaccount) =>
  fc.tuple(authenticated(proofs), own).map(([{ owner, auth }, fields]) => ({ ...owner, auth, ...fields }));

const noSubaccount = fc.constant(null) as typeof subaccount;
const is = <Text extends string>(text: Text) => fc.constant(text);

const store = fc.record({
  method: is('store'),
  namespace,
  timestamp: fc.integer({ min: 0, max: NOW * 2 }),
  ttl: fc.nat(NOW),
  sigTimestamp: time,
  data: fc.uint8Array({ maxLength: 300 }),
});

/** An ordinary request, the forms of which must all be read back as it. */
const plainRequest: fc.Arbitrary<PlainRequest> = fc.oneof(
  signed(store).map(({ ttl, ...request }) => ({ ...request, expiry: Math.max(request.timestamp + ttl, 1e9) })),
  fc.tuple(account(anyId), store).map(([owner, { ttl, ...own }]) => {
    const expiry = Math.max(own.timestamp + ttl, 1e9);
    return { ...owner, ...own, auth: null, sigTimestamp: own.timestamp, expiry };
  }),
  signed(
    fc.record({
      method: is('retrieve'),
      namespace,
      lastHash: fc.option(hash),
      maxCount: fc.option(count),
      maxSize: fc.option(count),
      reverseDirection: fc.boolean(),
      wait: fc.integer({ min: 0, max: 25_000 }),
      timestamp: time,
    }),
  ),
  signed(fc.record({ method: is('delete'), messages: hashes, required: fc.boolean() })),
  signed(fc.record({ method: is('delete_all'), namespace: namespaceOrAll, timestamp: time })),
  signed(fc.record({ method: is('delete_before'), namespace: namespaceOrAll, before: time })),
  signed(fc.record({ method: is('expire_all'), namespace: namespaceOrAll, expiry: time })),
  signed(
    fc.record({
      method: is('expire'),
      messages: hashes,
      expiries: fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 1 }),
      mode: fc.constantFrom('set' as const, 'extend' as const, 'shorten' as const),
    }),
  ),
  signed(
    fc.array(fc.tuple(hash, fc.maxSafeNat()), { minLength: 1, maxLength: 5 }).map((pairs) => ({
      method: 'expire' as const,
      messages: pairs.map(([message]) => message),
      expiries: pairs.map(([, expiry]) => expiry),
      mode: 'set' as const,
    })),
  ),
  signed(fc.record({ method: is('get_expiries'), messages: fc.array(fc.string(), { minLength: 1 }), timestamp: time })),
  signed(
    fc.record({
      method: fc.constantFrom('revoke_subaccount' as const, 'unrevoke_subaccount' as const),
      tokens: fc.array(bytes(36), { maxLength: 5 }),
      timestamp: time,
    }),
    noSubaccount,
  ),
  signed(fc.record({ method: is('revoked_subaccounts'), timestamp: time }), noSubaccount),
  account(anyId).map((owner) => ({ method: 'get_swarm' as const, ...owner })),
  fc.record({ method: is('info') }),
  fc.record({ method: is('active_nodes_bin') }),
  fc.record({ method: is('directory'), known: fc.option(bytes(32).map(bytesToHex)) }),
  fc.record({
    method: is('oxend_request'),
    endpoint: fc.constantFrom('get_service_nodes' as const, 'ons_resolve' as const),
    params: fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value))),
  }),
);

const pair = fc.option(fc.tuple(count, count));
const triple = fc.option(fc.tuple(count, count, count));

const condition = fc
  .record({
    hfAtLeast: pair,
    hfBefore: pair,
    versionAtLeast: triple,
    versionBefore: triple,
    heightAtLeast: fc.option(count),
    heightBefore: fc.option(count),
  })
  .filter((parts) => Object.values(parts).some((part) => part !== null));

const request: fc.Arbitrary<StorageRequest> = fc.letrec<{ any: StorageRequest }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    plainRequest,
    fc.record({
      method: fc.constantFrom('batch' as const, 'sequence' as const),
      requests: fc.array(plainRequest, { minLength: 1, maxLength: 4 }),
    }),
    fc
      .record({
        method: is('ifelse'),
        condition,
        whenTrue: fc.option(tie('any')),
        whenFalse: fc.option(tie('any')),
      })
      .filter(({ whenTrue, whenFalse }) => whenTrue !== null || whenFalse !== null),
  ),
})).any;

test('the JSON form of a request is read back as the request', () => {
  fc.assert(
    fc.property(request, (value) => {
      const { method, params } = readEnvelope(JSON.stringify(jsonRequest(value)));
      expect(plain(parseRequest(method, params))).toEqual(plain(value));
    }),
  );
});

test('the bencoded form of a request is read back as the request', () => {
  fc.assert(
    fc.property(request, (value) => {
      expect(plain(parseRequest(value.method, readOmqParams(btParams(value))))).toEqual(plain(value));
    }),
  );
});

test('members of the swarm read the request that the entry node got', () => {
  fc.assert(
    fc.property(plainRequest.filter(isSwarmRequest), (value) => {
      const expected = value.method === 'delete' ? { ...value, required: false } : value;
      expect(plain(parseForwardedRequest(value.method, forwardedParams(value)))).toEqual(plain(expected));
    }),
  );
});

/** All names that any endpoint knows. */
const names = [
  ...['before', 'data', 'else', 'endpoint', 'expiry', 'extend', 'height_at_least', 'hf_at_least', 'if', 'lastHash'],
  ...['known', 'last_hash', 'max_count', 'max_size', 'messages', 'method', 'namespace', 'params', 'pubKey', 'pubkey'],
  ...['pubkey_ed25519', 'requests', 'required', 'reverse_direction', 'revoke', 'shorten', 'sig_timestamp'],
  ...['signature', 'subaccount', 'subaccount_sig', 'then', 'timestamp', 'ttl', 'unrevoke', 'v_before', 'extra'],
];

const btInput: fc.Arbitrary<BtInput> = fc.letrec<{ any: BtInput }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.uint8Array({ maxLength: 70 }),
    fc.constantFrom(...METHODS),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 6 }),
  ),
})).any;

const btDict = fc.dictionary(fc.constantFrom(...names), btInput, { maxKeys: 10 });
const jsonDict = fc.dictionary(fc.constantFrom(...names), fc.jsonValue(), { maxKeys: 10 });
const method = fc.constantFrom(...METHODS);

test('arbitrary JSON parameters give a request or a refusal', () => {
  fc.assert(
    fc.property(method, fc.oneof(fc.jsonValue(), jsonDict), (name, value) => {
      expectRequestOrRefusal(name, { format: 'json', value });
    }),
    { numRuns: 1000 },
  );
});

test('arbitrary bencoded parameters give a request or a refusal', () => {
  const encoded = fc.oneof(
    btDict.map((dict) => encodeBt(dict)),
    fc.uint8Array().map((rest) => Uint8Array.of(0x64, ...rest)),
  );
  fc.assert(
    fc.property(method, encoded, (name, input) => expectRequestOrRefusal(name, { format: 'bt', bytes: input })),
    { numRuns: 1000 },
  );
});

test('good requests with one parameter changed give a request or a refusal', () => {
  const parameter = fc.constantFrom(...names);
  fc.assert(
    fc.property(request, parameter, fc.jsonValue(), (good, name, value) => {
      const { params } = jsonRequest(good);
      expectRequestOrRefusal(good.method, { format: 'json', value: { ...params, [name]: value } });
    }),
    { numRuns: 500 },
  );
});

test('good bencoded requests with a byte changed give a request or a refusal', () => {
  fc.assert(
    fc.property(request, fc.nat(), fc.nat(255), (good, position, byte) => {
      const encoded = btParams(good).slice();
      encoded[position % encoded.length] = byte;
      expectRequestOrRefusal(good.method, { format: 'bt', bytes: encoded });
    }),
    { numRuns: 500 },
  );
});

test('arbitrary bodies are an envelope or a refusal', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      for (const read of [() => readEnvelope(body), () => readOmqParams(Buffer.from(body))]) {
        expect(thrownBy(read)).toSatisfy((error) => error === null || error instanceof RpcFailure);
      }
    }),
  );
});

test('arbitrary answers are read or refused as malformed', () => {
  const keys = ['swarm', 'hash', 't', 'hf', 'messages', 'more', 'results', 'snodes', 'result', 'expiries', 'signature'];
  const body = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()));
  const code = fc.constantFrom(200, 401, 404, 421, 500);
  fc.assert(
    fc.property(plainRequest, code, body, (good, status, value) => {
      const readers = [
        () => parseAnswer(good.method, { code: status, body: value }),
        () => parseBatchReply(value, 20),
        () => parseIfElseReply(value),
      ];
      for (const read of readers) {
        expect(thrownBy(read)).toSatisfy((error) => error === null || error instanceof WireError);
      }
    }),
    { numRuns: 1000 },
  );
});

test('arbitrary results of peers are read or refused as malformed', () => {
  const result = fc.oneof(
    fc.uint8Array(),
    btInput.map((value) => encodeBt(value)),
  );
  fc.assert(
    fc.property(result, (input) => {
      let reply: ReturnType<typeof parseMemberReply>;
      try {
        reply = parseMemberReply(input);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        return;
      }
      expect(() => JSON.stringify(toJson(reply))).not.toThrow();
    }),
  );
});

test('arbitrary monitor requests get one reply for each registration', () => {
  const registration = fc.oneof(
    fc.uint8Array(),
    btInput.map((value) => encodeBt(value)),
    fc.dictionary(fc.constantFrom('P', 'S', 'T', 'd', 'n', 'p', 's', 't'), btInput).map((value) => encodeBt(value)),
  );
  fc.assert(
    fc.property(registration, (input) => {
      const { isList, ...request } = parseMonitor(input, NOW);
      const outcomes = [...request.outcomes];
      if (!isList) expect(outcomes).toHaveLength(1);
      expect(() => toBt(outcomes.map(monitorReply))).not.toThrow();
    }),
    { numRuns: 1000 },
  );
});

function expectRequestOrRefusal(name: string, params: RequestParams): void {
  const failure = refusalOf(name, params);
  if (failure !== null) expect(REFUSALS).toContain(failure.status);
}

function refusalOf(name: string, params: RequestParams): RpcFailure | null {
  let parsed: StorageRequest;
  try {
    parsed = parseRequest(name, params);
  } catch (error) {
    expect(error).toBeInstanceOf(RpcFailure);
    expect((error as RpcFailure).status).toBe(400);
    return error as RpcFailure;
  }
  return checkRequest(parsed, { now: NOW, forwarded: false, isRevoked: () => false });
}

function thrownBy(read: () => unknown): unknown {
  try {
    read();
    return null;
  } catch (error) {
    return error;
  }
}

/** Bytes are views of different kinds; clones are plain arrays. */
function plain<Value>(value: Value): Value {
  return structuredClone(value);
}
