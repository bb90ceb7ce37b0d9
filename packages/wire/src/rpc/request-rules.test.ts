import { expect, test } from 'vitest';
import { encodeBt } from '../bt/index.ts';
import { bytesToBase64, bytesToHex } from '../bytes/index.ts';
import { ed25519KeyPair, ed25519PublicToX25519 } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { makeMemberAccess } from '../subaccount/index.ts';
import {
  accountSigner,
  batchOf,
  buildDelete,
  buildDeleteAll,
  buildDirectory,
  buildExpire,
  buildGetSwarm,
  buildInfo,
  buildPublicRetrieve,
  buildRetrieve,
  buildRevoke,
  buildRevokedSubaccounts,
  buildStore,
  type CheckContext,
  checkRequest,
  conditionHolds,
  type ExpireRequest,
  effectiveExpireMode,
  forwardedParams,
  type JsonRequest,
  jsonRequest,
  memberSigner,
  parseForwardedRequest,
  parseRequest,
  RpcFailure,
  readEnvelope,
  readOmqParams,
  type StorageRequest,
  TEST_NAMESPACE,
} from './index.ts';

const NOW = 1_768_478_400_000;
const DAY = 86_400_000;
const HASH = 'W7URYciY6YNaMOCj3+6kYZy9sp+4+zyJz1yBW9jKf2c';
const data = new Uint8Array([1, 2, 3]);

const keys = ed25519KeyPair(new Uint8Array(32).fill(7));
const accountId = `05${bytesToHex(ed25519PublicToX25519(keys.publicKey)!)}`;
const owner = accountSigner(accountId, keys);

const groupSeed = new Uint8Array(32).fill(8);
const groupKeys = ed25519KeyPair(groupSeed);
const groupId = `03${bytesToHex(groupKeys.publicKey)}`;
const admin = accountSigner(groupId, groupKeys);
const access = makeMemberAccess(groupSeed, accountId, 3);
const member = memberSigner(groupId, keys, access.signingValue);

function parse({ method, params }: JsonRequest): StorageRequest {
  return parseRequest(method, { format: 'json', value: params });
}

function check(request: JsonRequest, context: Partial<CheckContext> = {}): string {
  const failure = checkRequest(parse(request), { now: NOW, forwarded: false, isRevoked: () => false, ...context });
  return failure === null ? 'allowed' : `${failure.status} ${failure.text}`;
}

function refusal(method: string, params: unknown): string {
  try {
    parseRequest(method, { format: 'json', value: params });
  } catch (error) {
    if (error instanceof RpcFailure) return `${error.status} ${error.text}`;
    throw error;
  }
  return 'parsed';
}

test('an account may do everything on its own mailbox, another account nothing', () => {
  const stranger = { ...accountSigner(accountId, ed25519KeyPair(new Uint8Array(32).fill(9))) };
  const requests = (signer: typeof owner) => [
    buildStore({ accountId, namespace: 2, data, timestamp: NOW, ttl: DAY, signer }),
    buildRetrieve(signer, { namespace: 2, timestamp: NOW }),
    buildDelete(signer, { messages: [HASH] }),
    buildDeleteAll(signer, { namespace: 'all', timestamp: NOW }),
    buildExpire(signer, { messages: [HASH], expiry: NOW + DAY }),
  ];
  expect(requests(owner).map((request) => check(request))).toEqual(Array(5).fill('allowed'));
  expect(requests(stranger).map((request) => check(request))).toEqual([
    '401 store signature verification failed',
    '401 retrieve signature verification failed',
    '401 delete_msgs signature verification failed',
    '401 delete_all signature verification failed',
    '401 expire: signature verification failed',
  ]);
});

test('a member of a group reads and writes until revoked, and then still reads the namespace for that', () => {
  const retrieve = (namespace: number) => buildRetrieve(member, { namespace, timestamp: NOW });
  const isRevoked = (token: Uint8Array) => bytesToHex(token) === bytesToHex(access.token);
  const store = buildStore({ accountId: groupId, namespace: 11, data, timestamp: NOW, ttl: DAY, signer: member });
  expect(check(retrieve(11))).toBe('allowed');
  expect(check(store)).toBe('allowed');
  expect(check(buildDelete(member, { messages: [HASH] }))).toBe('401 delete_msgs signature verification failed');
  expect(check(retrieve(11), { isRevoked })).toBe('401 retrieve signature verification failed');
  expect(check(retrieve(-11), { isRevoked })).toBe('allowed');
  expect(check(store, { isRevoked })).toBe('401 store signature verification failed');
});

test('an expire of a member without the right to delete only extends', () => {
  const messages = [HASH];
  const plain = parse(buildExpire(member, { messages, expiry: NOW + DAY })) as ExpireRequest;
  expect(effectiveExpireMode(plain)).toBe('extend');
  expect(plain.mode).toBe('set');
  const own = parse(buildExpire(owner, { messages, expiry: NOW + DAY })) as ExpireRequest;
  expect(effectiveExpireMode(own)).toBe('set');
  expect(check(buildExpire(member, { messages, expiry: NOW + DAY, mode: 'shorten' }))).toMatch(/^400 expire: shorten/);
});

test('numbers spelled with a fraction or an exponent are no integers', () => {
  const outcome = (timestamp: string) => {
    const params = `{"pubkey":"${groupId}","signature":"${'A'.repeat(86)}","timestamp":${timestamp}}`;
    const envelope = readEnvelope(`{"method":"delete_all","params":${params}}`);
    return refusal(envelope.method, (envelope.params as { value: unknown }).value);
  };
  const refused =
    "400 invalid request: Invalid value given for 'timestamp': expected integer timestamp (in milliseconds)";
  expect(outcome('1768478400000')).toBe('parsed');
  for (const spelling of ['1768478400000.0', '17684784e5', '1768478400000E0', '1.5']) {
    expect(outcome(spelling)).toBe(refused);
  }
  expect(JSON.stringify(readOmqParams(Buffer.from('{"params":[5.0,1e300,0.5]}')))).toContain('[5,1e+300,0.5]');
});

test('a directory that is known is named by 64 hex digits', () => {
  const named = (known: unknown) => refusal('directory', { known });
  const refused = "400 invalid request: Invalid value given for 'known': expected 64 hex digits";
  for (const known of ['ab'.repeat(32), 'AB'.repeat(32), null, undefined]) expect(named(known)).toBe('parsed');
  for (const known of ['', 'ab'.repeat(31), 'ab'.repeat(33), 'zz'.repeat(32), `"${'ab'.repeat(32)}"`]) {
    expect(named(known)).toBe(refused);
  }
  expect(named(7)).toBe("400 invalid request: Invalid value given for 'known': expected string");
  expect(jsonRequest(parse({ method: 'directory', params: { known: 'AB'.repeat(32) } })).params).toEqual({
    known: 'ab'.repeat(32),
  });
  expect(buildDirectory(null)).toEqual({ method: 'directory', params: {} });
});

test('JSON is UTF-8', () => {
  expect(() => readOmqParams(Buffer.from('{"endpoint":"\xff"}', 'latin1'))).toThrow('expected json or bt_dict');
});

test('JSON that only keeps the parser busy is refused at once', () => {
  const body = (params: string) => Buffer.from(`{"method":"info","params":${params}}`);
  for (const params of [`[1.5,${'[],'.repeat(3_000_000)}1]`, '['.repeat(10_000_000), '{"a":'.repeat(2_000_000)]) {
    const start = performance.now();
    expect(() => readEnvelope(body(params))).toThrow('invalid json');
    expect(() => readOmqParams(body(params))).toThrow('expected json or bt_dict');
    expect(performance.now() - start).toBeLessThan(1000);
  }
  const hashes = JSON.stringify({ messages: Array(100_000).fill('A'.repeat(43)) });
  expect(readEnvelope(body(hashes)).method).toBe('info');
});

test('a namespace beyond 16 bits is out of range however large it is', () => {
  const outcome = (namespace: number) => refusal('store', { namespace, timestamp: NOW, ttl: DAY });
  for (const namespace of [32768, -32769, 2 ** 53, 10 ** 18]) {
    expect(outcome(namespace)).toBe("400 invalid request: Invalid value given for 'namespace': value out of range");
  }
});

test('times of forwarded requests may be ten seconds further off', () => {
  const revoke = (timestamp: number) =>
    buildRevoke(admin, { method: 'revoke_subaccount', tokens: [access.token], timestamp });
  const tooFar = '406 revoke_subaccount timestamp too far from current time';
  expect(check(revoke(NOW - 60_000))).toBe('allowed');
  expect(check(revoke(NOW - 60_001))).toBe(tooFar);
  expect(check(revoke(NOW - 70_000), { forwarded: true })).toBe('allowed');
  expect(check(revoke(NOW - 70_001), { forwarded: true })).toBe(tooFar);
  const retrieve = buildRetrieve(owner, { timestamp: NOW - 60_001 });
  expect(check(retrieve, { forwarded: true })).toBe('406 retrieve timestamp too far from current time');
});

test('revocations: the owner of a Session ID cannot list them, because its id is no Ed25519 key', () => {
  expect(check(buildRevokedSubaccounts(admin, { timestamp: NOW }))).toBe('allowed');
  const failed = '401 revoked_subaccounts signature verification failed';
  expect(check(buildRevokedSubaccounts(owner, { timestamp: NOW }))).toBe(failed);
});

test('revocations: at most fifty at once, undoing has no limit', () => {
  const revocation = (count: number) => {
    const tokens = Array<string>(count).fill(bytesToBase64(access.token));
    return {
      pubkey: groupId,
      signature: bytesToBase64(new Uint8Array(64)),
      timestamp: NOW,
      revoke: tokens,
      unrevoke: tokens,
    };
  };
  expect(refusal('revoke_subaccount', revocation(50))).toBe('parsed');
  expect(refusal('revoke_subaccount', revocation(51))).toBe(
    '400 invalid request: invalid revoke: cannot revoke more than 50 subaccounts at once',
  );
  expect(refusal('unrevoke_subaccount', revocation(61))).toBe('parsed');
  expect(refusal('unrevoke_subaccount', { ...revocation(0), unrevoke: 'AAAA' })).toBe(
    '400 invalid request: invalid unrevoke: expected base64 or hex-encoded subaccount tag',
  );
});

test('the test namespace takes no message and is always empty', () => {
  const store = buildStore({ accountId, namespace: TEST_NAMESPACE, data, timestamp: NOW, ttl: DAY, signer: owner });
  expect(check(store)).toBe('403 namespace -3741 is reserved for testing and cannot store messages');
  expect(check(buildPublicRetrieve(accountId, { namespace: TEST_NAMESPACE }))).toBe('allowed');
});

test('times beyond what numbers hold exactly are refused, counts are clamped', () => {
  const signed = { pubkey: groupId, signature: bytesToBase64(new Uint8Array(64)), messages: HASH };
  expect(refusal('expire', { ...signed, expiry: 2 ** 53 })).toBe(
    "400 invalid request: Invalid value given for 'expiry': expected timestamp array",
  );
  expect(refusal('expire_all', { ...signed, expiry: 2 ** 63 })).toBe(
    "400 invalid request: Invalid value given for 'expiry': expected integer timestamp (in milliseconds)",
  );
  const retrieve = { pubkey: accountId, namespace: -1 };
  const counts = parseRequest('retrieve', {
    format: 'json',
    value: { ...retrieve, max_count: 2 ** 40, max_size: -(2 ** 40) },
  });
  expect(counts).toMatchObject({ maxCount: 2 ** 31 - 1, maxSize: -(2 ** 31) });
  expect(refusal('retrieve', { ...retrieve, max_count: 2 ** 64 })).toBe(
    "400 invalid request: Invalid value given for 'max_count': expected integer",
  );
});

test('a message may have 76800 bytes and no more', () => {
  const store = (size: number) => ({ pubkey: accountId, timestamp: NOW, ttl: DAY, data: 'A'.repeat(size) });
  expect(refusal('store', store(102_400))).toBe('parsed');
  expect(refusal('store', store(102_404))).toBe(
    '400 invalid request: Message body exceeds maximum allowed length of 76800 bytes',
  );
  expect(refusal('store', store(0))).toBe('parsed');
});

test('members of the swarm may send JSON too, and nothing counts as an empty object', () => {
  const json = { pubkey: groupId, timestamp: NOW, expiry: NOW + DAY, data: 'AAAA' };
  const read = (params: Uint8Array) => bytesToHex(forwardedParams(parseForwardedRequest('store', params)));
  expect(read(Buffer.from(JSON.stringify(json)))).toBe(read(encodeBt({ ...json, data: new Uint8Array(3) })));
  for (const empty of ['', '{}', 'de']) {
    expect(() => parseForwardedRequest('store', Buffer.from(empty))).toThrow("Required field 'timestamp' missing");
  }
});

test('only requests of the swarm are taken from its members', () => {
  expect(() => parseForwardedRequest('retrieve', Buffer.from('de'))).toThrow(
    'invalid request: received invalid forwarded non-forwardable request',
  );
  expect(() => parseForwardedRequest('batch', Buffer.from('de'))).toThrow(RpcFailure);
});

test('bencoded batches: their own texts', () => {
  const texts: Record<string, string> = {
    de: 'no valid "requests" field',
    'd8:requestslee': 'empty "requests" list',
    'd8:requestsli1eee': 'requests must be dicts',
    'd8:requestsldeee': 'subrequests must have a method',
    'd8:requestsld6:method4:infoeee': 'subrequests must have a params dict',
  };
  for (const [bytes, text] of Object.entries(texts)) {
    expect(() => parseRequest('batch', readOmqParams(Buffer.from(bytes)))).toThrow(
      `invalid request: Invalid batch request: ${text}`,
    );
  }
});

test('bencoded branches of ifelse: their own texts', () => {
  const texts: Record<string, string> = {
    'd2:ifd2:hfi1eee': 'must specify at least one "if" condition',
    'd2:ifi1ee': 'no valid "if" field',
    'd2:ifd11:hf_at_leasti19ee4:theni1ee': 'then must be a dict',
    'd2:ifd11:hf_at_leasti19ee4:thendee': 'then missing method',
    'd4:elsed6:method4:infoe2:ifd11:hf_at_leasti19eee': 'else missing params',
  };
  for (const [bytes, text] of Object.entries(texts)) {
    expect(() => parseRequest('ifelse', readOmqParams(Buffer.from(bytes)))).toThrow(
      `invalid request: Invalid ifelse request: ${text}`,
    );
  }
});

test('ifelse may not nest without end', () => {
  const nested = (depth: number): object => ({
    if: { height_at_least: 1 },
    // biome-ignore lint/suspicious/noThenProperty: the name on the wire
    then: depth === 0 ? buildInfo() : { method: 'ifelse', params: nested(depth - 1) },
  });
  expect(refusal('ifelse', nested(31))).toBe('parsed');
  expect(refusal('ifelse', nested(32))).toBe('400 invalid request: Invalid ifelse request: nested too deeply');
});

test('conditions compare part by part, and all must hold', () => {
  const state = { hf: [19, 6], version: [2, 11, 3], height: 100 } as const;
  const none = {
    hfAtLeast: null,
    hfBefore: null,
    versionAtLeast: null,
    versionBefore: null,
    heightAtLeast: null,
    heightBefore: null,
  };
  expect(conditionHolds({ ...none, hfAtLeast: [19, 6] }, state)).toBe(true);
  expect(conditionHolds({ ...none, hfAtLeast: [19, 7] }, state)).toBe(false);
  expect(conditionHolds({ ...none, hfBefore: [19, 6] }, state)).toBe(false);
  expect(conditionHolds({ ...none, hfBefore: [20, 0] }, state)).toBe(true);
  expect(conditionHolds({ ...none, versionAtLeast: [2, 9, 9] }, state)).toBe(true);
  expect(conditionHolds({ ...none, versionBefore: [2, 11, 4], heightBefore: 100 }, state)).toBe(false);
  expect(conditionHolds({ ...none, heightAtLeast: 100, heightBefore: 101 }, state)).toBe(true);
});

test('clients do not build what nodes would refuse at once', () => {
  const store = { accountId, data, timestamp: NOW, ttl: DAY };
  expect(() => buildStore({ ...store, namespace: 2 })).toThrow(WireError);
  expect(() => buildStore({ ...store, signer: admin })).toThrow(WireError);
  expect(() => buildStore({ ...store, accountId: accountId.toUpperCase() })).toThrow(WireError);
  expect(() => buildPublicRetrieve(accountId, { namespace: 0 })).toThrow(WireError);
  expect(() => batchOf('batch', [])).toThrow(RangeError);
  expect(() => batchOf('sequence', Array(21).fill(buildInfo()))).toThrow(RangeError);
});

test('a batch of built requests is read as these requests', () => {
  const requests = [buildGetSwarm(accountId), buildStore({ accountId, data, timestamp: NOW, ttl: DAY }), buildInfo()];
  const batch = parse(batchOf('sequence', requests));
  expect(batch).toEqual({ method: 'sequence', requests: requests.map(parse) });
});
