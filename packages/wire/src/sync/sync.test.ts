import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexToBytes } from '../bytes/index.ts';
import { ed25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import {
  accountSigner,
  buildDelete,
  buildDeleteAll,
  buildDeleteBefore,
  buildExpire,
  buildExpireAll,
  buildRevoke,
  buildStore,
  forwardedParams,
  type JsonRequest,
  parseRequest,
  type SwarmRequest,
} from '../rpc/index.ts';
import {
  addFingerprint,
  BUCKETS,
  bucketOf,
  bucketsOf,
  coveredToken,
  coversMessage,
  decodeContents,
  decodeIds,
  decodeRanges,
  decodeStates,
  decodeSummaries,
  EVERYTHING,
  encodeContents,
  encodeIds,
  encodeRanges,
  encodeStates,
  encodeSummaries,
  isNewerState,
  partsOf,
  revocationId,
  type SyncContent,
  type SyncKind,
  type SyncState,
  verifyOperation,
} from './index.ts';

const KINDS: readonly SyncKind[] = ['kept', 'deleted', 'unrevoked', 'revoked'];
const id = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64').slice(0, 43));
const state: fc.Arbitrary<SyncState> = fc.record({
  id,
  revision: fc.nat(2 ** 31),
  kind: fc.constantFrom(...KINDS),
  expiry: fc.integer({ min: 0, max: 2 ** 45 }),
});

describe('ranges', () => {
  test('the parts of a range are its buckets, in order', () => {
    for (const range of [EVERYTHING, { level: 1, index: 15 }, { level: 3, index: 4000 }]) {
      const parts = partsOf(range).map(bucketsOf);
      expect(parts[0]!.start).toBe(bucketsOf(range).start);
      expect(parts.at(-1)!.end).toBe(bucketsOf(range).end);
      for (const [place, part] of parts.slice(1).entries()) expect(part.start).toBe(parts[place]!.end);
    }
    expect(bucketsOf(EVERYTHING)).toEqual({ start: 0, end: BUCKETS });
    expect(bucketOf(Uint8Array.of(5, 0x12, 0x34, ...new Uint8Array(30)))).toBe(0x1234);
  });

  test('are read as they were written', () => {
    const ranges = partsOf({ level: 3, index: 4095 });
    expect(decodeRanges(encodeRanges(ranges))).toEqual(ranges);
    const summaries = [{ count: 7, fingerprint: new Uint8Array(16).fill(9) }];
    const [read] = decodeSummaries(encodeSummaries(summaries), 1);
    expect([read!.count, [...read!.fingerprint]]).toEqual([7, Array(16).fill(9)]);
  });

  test.each([
    ['none', ''],
    ['half of one', '0000'],
    ['one that does not exist', '010010'],
    ['one of a level that does not exist', '050000'],
    ['everything twice', '000000000000'],
  ])('are refused: %s', (_what, hex) => {
    expect(() => decodeRanges(hexToBytes(hex))).toThrow(WireError);
  });
});

describe('states', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 20 }), (states) => {
        expect(decodeStates(encodeStates(states))).toEqual(states);
        const ids = states.map((each) => each.id);
        expect(decodeIds(encodeIds(ids))).toEqual(ids);
      }),
    );
  });

  test('have one order: of two different ones of a message exactly one is newer', () => {
    const message = fc.record({
      id: fc.constant('x'.repeat(43)),
      revision: fc.nat(2),
      kind: fc.constantFrom<SyncKind>('kept', 'deleted'),
      expiry: fc.nat(2),
    });
    fc.assert(
      fc.property(message, message, message, (a, b, c) => {
        const isSame = a.revision === b.revision && a.kind === b.kind && a.expiry === b.expiry;
        expect(Number(isNewerState(a, b)) + Number(isNewerState(b, a))).toBe(isSame ? 0 : 1);
        if (isNewerState(a, b) && isNewerState(b, c)) expect(isNewerState(a, c)).toBe(true);
      }),
    );
    const deleted: SyncState = { id: '', revision: 1, kind: 'deleted', expiry: 0 };
    expect(isNewerState(deleted, undefined)).toBe(true);
    expect(isNewerState({ ...deleted, kind: 'revoked', revision: 9 }, deleted)).toBe(false);
  });

  test('have fingerprints that tell them apart, in any order', () => {
    const sum = (states: readonly SyncState[]) => {
      const sums = new Uint32Array(4);
      for (const each of states) addFingerprint(sums, 0, each);
      return [...sums];
    };
    fc.assert(
      fc.property(state, state, fc.nat(1000), (a, b, more) => {
        expect(sum([a, b])).toEqual(sum([b, a]));
        expect(sum([a, a])).toEqual([0, 0, 0, 0]);
        for (const other of [
          { ...a, expiry: a.expiry + 1 + more },
          { ...a, revision: a.revision + 1 + more },
          { ...a, expiry: a.expiry + 2 ** 32 },
        ]) {
          expect(sum([a])).not.toEqual(sum([other]));
          // A change that all messages have in common does not cancel itself out.
          const shifted = { ...b, expiry: b.expiry + 5 };
          if (a.id !== b.id) expect(sum([{ ...a, expiry: a.expiry + 5 }, shifted])).not.toEqual(sum([a, b]));
        }
      }),
    );
  });
});

function plainContent({ state, message, operation }: SyncContent) {
  return {
    state,
    message: message && { ...message, account: [...message.account], data: [...message.data] },
    operation: operation && { ...operation, params: [...operation.params] },
  };
}

describe('contents', () => {
  const content: fc.Arbitrary<SyncContent> = fc.record({
    state,
    message: fc.option(
      fc.record({
        account: fc.uint8Array({ minLength: 33, maxLength: 33 }),
        namespace: fc.integer({ min: -32768, max: 32767 }),
        timestamp: fc.nat(2 ** 45),
        data: fc.uint8Array({ maxLength: 50 }),
      }),
    ),
    operation: fc.option(
      fc.constantFrom(
        { method: 'delete', params: Buffer.from('de') },
        { method: 'expire', params: Buffer.from('d1:x1:ye') },
      ),
    ),
  });

  test('are read as they were written, each operation once', () => {
    fc.assert(
      fc.property(fc.array(content, { maxLength: 10 }), (contents) => {
        const read = decodeContents(encodeContents(contents));
        const plain = (list: readonly SyncContent[]) => list.map(plainContent);
        expect(plain(read)).toEqual(plain(contents));
        const operations = read.map(({ operation }) => operation).filter((each) => each !== null);
        expect(new Set(operations).size).toBe(new Set(operations.map(({ method }) => method)).size);
      }),
    );
  });

  test('any bytes are read or refused', () => {
    const good = encodeContents([
      { state: { id: 'A'.repeat(43), revision: 1, kind: 'kept', expiry: 5 }, message: null, operation: null },
    ]);
    const changed = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Uint8Array.from(good);
      bytes[at] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed), (bytes) => {
        for (const decode of [
          decodeContents,
          decodeRanges,
          decodeStates,
          decodeIds,
          (each: Uint8Array) => decodeSummaries(each, 1),
        ]) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }
      }),
    );
  });
});

describe('operations', () => {
  const keys = ed25519KeyPair(new Uint8Array(32).fill(1));
  const accountId = `03${Buffer.from(keys.publicKey).toString('hex')}`;
  const signer = accountSigner(accountId, keys);
  const at = 1_750_000_000_000;
  const hash = 'A'.repeat(43);
  const message = { namespace: 2, timestamp: at };
  const requestOf = ({ method, params }: JsonRequest) =>
    parseRequest(method, { format: 'json', value: params }) as SwarmRequest;
  const signed = (rpc: JsonRequest) => {
    const request = requestOf(rpc);
    return { method: request.method, params: forwardedParams(request) };
  };
  const deleted: SyncState = { id: hash, revision: 1, kind: 'deleted', expiry: 0 };
  const kept: SyncState = { id: hash, revision: 1, kind: 'kept', expiry: at + 100 };

  test('are believed when the client signed them, however long ago', () => {
    for (const rpc of [
      buildDelete(signer, { messages: [hash] }),
      buildDeleteAll(signer, { namespace: 'all', timestamp: at }),
      buildDeleteBefore(signer, { namespace: 2, before: at }),
      buildExpire(signer, { messages: [hash], expiry: at, mode: 'shorten' }),
      buildExpireAll(signer, { namespace: 2, expiry: at }),
      buildRevoke(signer, { method: 'revoke_subaccount', tokens: [Buffer.alloc(36)], timestamp: at }),
    ]) {
      const operation = signed(rpc);
      expect(verifyOperation(operation), rpc.method).toMatchObject({ method: rpc.method, accountId });
      const forged = Buffer.from(operation.params);
      const place = forged.indexOf('signature64:') + 20;
      forged[place]! ^= 1;
      expect(verifyOperation({ ...operation, params: forged }), rpc.method).toBeNull();
    }
    expect(verifyOperation({ method: 'info', params: Buffer.from('de') })).toBeNull();
    expect(verifyOperation({ method: 'delete', params: Buffer.from('rubbish') })).toBeNull();
  });

  test('cover only what they ask for', () => {
    const covers = (rpc: JsonRequest, each: SyncState, of: typeof message | null = message) =>
      coversMessage(requestOf(rpc), each, of);
    const other = 'B'.repeat(43);
    expect(covers(buildDelete(signer, { messages: [hash] }), deleted)).toBe(true);
    expect(covers(buildDelete(signer, { messages: [other] }), deleted)).toBe(false);
    expect(covers(buildDelete(signer, { messages: [hash] }), kept)).toBe(false);
    const all = (namespace: number | 'all', timestamp: number) => buildDeleteAll(signer, { namespace, timestamp });
    expect(covers(all('all', at), deleted)).toBe(true);
    expect(covers(all(2, at), deleted)).toBe(true);
    expect(covers(all(0, at), deleted)).toBe(false);
    expect(covers(all(2, at - 70_000), deleted)).toBe(true);
    expect(covers(all(2, at - 70_001), deleted)).toBe(false);
    expect(covers(all(0, at), deleted, null)).toBe(true);
    expect(covers(buildDeleteBefore(signer, { namespace: 2, before: at - 1 }), deleted)).toBe(false);
    expect(covers(buildDeleteBefore(signer, { namespace: 2, before: at }), deleted)).toBe(true);
    const expire = (expiry: number, mode: 'set' | 'extend' | 'shorten') =>
      buildExpire(signer, { messages: [other, hash], expiry: [at, expiry], mode });
    expect(covers(expire(kept.expiry, 'shorten'), kept)).toBe(true);
    expect(covers(expire(kept.expiry + 1, 'shorten'), kept)).toBe(false);
    expect(covers(expire(kept.expiry, 'extend'), kept)).toBe(false);
    expect(covers(buildExpireAll(signer, { namespace: 2, expiry: kept.expiry }), kept)).toBe(true);
    expect(covers(buildExpireAll(signer, { namespace: 0, expiry: kept.expiry }), kept)).toBe(false);
    expect(covers(buildStore({ accountId, data: Buffer.from('x'), timestamp: at, ttl: 86_400_000 }), kept)).toBe(false);
  });

  test('of revocations cover the tokens that they name, at their own time', () => {
    const token = Buffer.alloc(36, 4);
    const account = hexToBytes(accountId);
    const request = requestOf(buildRevoke(signer, { method: 'revoke_subaccount', tokens: [token], timestamp: at }));
    const revoked: SyncState = { id: revocationId(account, token), revision: at, kind: 'revoked', expiry: 0 };
    expect(Buffer.from(coveredToken(request, revoked)!)).toEqual(token);
    expect(coveredToken(request, { ...revoked, kind: 'unrevoked' })).toBeNull();
    expect(coveredToken(request, { ...revoked, revision: at + 1 })).toBeNull();
    expect(coveredToken(request, { ...revoked, id: hash })).toBeNull();
  });
});
