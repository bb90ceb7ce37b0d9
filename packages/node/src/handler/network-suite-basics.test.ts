import { decodeBt, encodeBt } from '@sotto/wire/bt';
import { bytesToBase64, bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Sign } from '@sotto/wire/crypto';
import { describe, expect, test } from 'vitest';
import {
  actAs,
  base64,
  byBytes,
  call,
  dealer,
  done,
  expectSigned,
  hashesIn,
  hashOf,
  id,
  type Json,
  keys,
  type Member,
  NODES,
  newKeys,
  now,
  onSwarm,
  type Page,
  retrieved,
  retrieving,
  sign,
  signedStore,
  storing,
  TTL,
  useSuiteSwarm,
} from '../testing/suite-swarm.ts';

// What the network's own test-suite asserts of storing, of requests in requests and of namespaces (storage-rpc §15).

useSuiteSwarm();

test('any prefix has a swarm, and an unsigned store reaches all members with one hash', async () => {
  for (const prefix of ['02', '03', '04', '05']) {
    const { snodes } = await done<{ snodes: unknown[] }>('get_swarm', { pubkey: prefix + id.slice(2) });
    expect(snodes).toHaveLength(NODES);
  }
  const swarm = await onSwarm('store', { pubkey: id, timestamp: now, expiry: now + TTL, data: base64('hello') });
  const hash = blake2b(32, Buffer.concat([hexToBytes(id), Buffer.from('hello')]));
  for (const member of Object.values(swarm)) expect(member.hash).toBe(bytesToBase64(hash).replace('=', ''));
});

describe('batch and sequence', () => {
  test('two signed stores, as JSON and bencoded with the account as text', async () => {
    const texts = ['one', 'two'];
    const requests = texts.map((text) => ({ method: 'store', params: signedStore(text, 42) }));
    const { results } = await done<{ results: { code: number; body: Json }[] }>('batch', { requests });
    const expected = texts.map((text) => hashOf(id, 42, text));
    expect(results.map(({ code, body }) => [code, body.hash])).toEqual(expected.map((hash) => [200, hash]));

    const raw = texts.map((text) => ({
      method: 'store',
      params: {
        data: Buffer.from(text),
        namespace: 42,
        pubkey: id,
        signature: ed25519Sign(Buffer.from(`store42${now}`), keys.secretKey),
        timestamp: now,
        ttl: TTL,
      },
    }));
    const [reply] = await call('batch', encodeBt({ requests: raw }));
    const dict = decodeBt(Buffer.from(reply!, 'latin1')) as Map<string, Map<string, Map<string, Uint8Array>>[]>;
    const hashes = dict.get('results')!.map((result) => Buffer.from(result.get('body')!.get('hash')!).toString());
    expect(hashes).toEqual(expected);
  });

  test('store, retrieve, store, delete_all, retrieve; a Session ID whose bytes are an Ed25519 key is accepted', async () => {
    actAs(`05${bytesToHex(keys.publicKey)}`);
    const deletion = { pubkey: id, timestamp: now, signature: sign(keys, `delete_all${now}`) };
    const { results } = await done<{ results: { code: number; body: Json }[] }>('sequence', {
      requests: [
        { method: 'store', params: storing('first') },
        { method: 'retrieve', params: retrieving() },
        { method: 'store', params: storing('second') },
        { method: 'delete_all', params: deletion },
        { method: 'retrieve', params: retrieving() },
      ],
    });
    expect(results.map(({ code }) => code)).toEqual([200, 200, 200, 200, 200]);
    const first = { data: base64('first'), expiration: now + TTL, hash: hashOf(id, 0, 'first'), timestamp: now };
    expect(results[1]!.body.messages).toEqual([first]);
    const both = byBytes([hashOf(id, 0, 'first'), hashOf(id, 0, 'second')]);
    const members = Object.values(results[3]!.body.swarm as Record<string, Member>);
    expect(members.map(({ deleted }) => deleted)).toEqual(Array(NODES).fill(both));
    expect(results[4]!.body.messages).toEqual([]);
  });

  test('a sequence ends at the first failure, a batch does not', async () => {
    const requests = [
      { method: 'store', params: storing('x', { namespace: 33 }) },
      { method: 'retrieve', params: retrieving() },
    ];
    const failed = { code: 401, body: 'store: signature required to store to namespace 33' };
    expect(await done('sequence', { requests })).toEqual({ results: [failed] });
    const { results } = await done<{ results: { code: number; body: Json }[] }>('batch', { requests });
    expect(results[0]).toEqual(failed);
    expect(results[1]).toMatchObject({ code: 200, body: { messages: [] } });
  });
});

test('ten stores sent back to back on one connection keep their order', async () => {
  const texts = Array.from({ length: 10 }, (_, index) => `message ${index}`);
  for (const text of texts) dealer(0).send('storage.store', text, JSON.stringify(storing(text)));
  for (const _ of texts) await dealer(0).receive();
  expect(await hashesIn(0, 0)).toEqual(texts.map((text) => hashOf(id, 0, text)));
  const last = hashOf(id, 0, 'message 6');
  const rest = await done<Page>('retrieve', retrieving(0, { last_hash: last, max_count: 3 }));
  expect(rest).toMatchObject({ more: false });
  expect(rest.messages).toHaveLength(3);
  const page = await done<Page>('retrieve', retrieving(0, { max_count: 5 }));
  expect([page.messages.length, page.more]).toEqual([5, true]);
});

describe('ifelse', () => {
  /** The parameters of an ifelse. */
  const choice = (condition: Json, whenTrue: Json | null, whenFalse: Json | null = null): Json => ({
    if: condition,
    // biome-ignore lint/suspicious/noThenProperty: the name on the wire
    ...(whenTrue && { then: whenTrue }),
    ...(whenFalse && { else: whenFalse }),
  });
  const info = { method: 'info', params: {} };
  const future = { hf_at_least: [2_000_000] };

  test('conditions choose the branch, and hold together', async () => {
    const nothing = await done('ifelse', choice(future, info));
    expect(nothing).toMatchObject({ condition: false });
    expect(nothing).not.toHaveProperty('result');
    expect(await done('ifelse', choice(future, null, info))).toMatchObject({ result: { code: 200 } });
    const low = { hf_at_least: [19], height_before: 0 };
    expect(await done('ifelse', choice(low, null, info))).toMatchObject({ condition: false });
    const high = { hf_at_least: [19], height_before: 123_456_789 };
    expect(await done('ifelse', choice(high, info))).toMatchObject({ condition: true, result: { code: 200 } });
  });

  test('five nested ones end in a batch; data with odd trailing bits is taken', async () => {
    const requests = [0, 1, 2].map((place) => ({
      method: 'store',
      params: storing('', { data: 'Yes=', timestamp: now + place }),
    }));
    let branch: { method: string; params: Json } = { method: 'batch', params: { requests } };
    for (const condition of [
      { height_at_least: 1 },
      { v_at_least: [2, 2] },
      { hf_before: [99_999, 99] },
      { height_at_least: 0 },
      { v_at_least: [2] },
    ]) {
      branch = { method: 'ifelse', params: choice(condition, branch) };
    }
    let result = await done<Json>('ifelse', branch.params);
    for (let depth = 0; depth < 5; depth++) {
      expect(result.condition).toBe(true);
      result = (result.result as { body: Json }).body;
    }
    expect((result.results as { code: number }[]).map(({ code }) => code)).toEqual([200, 200, 200]);
    const { messages } = await retrieved();
    expect(messages.map(({ data }) => Buffer.from(data, 'base64').toString('hex'))).toEqual(['61eb']);
  });
});

describe('namespaces', () => {
  test('public and private ones are apart, and every member signs their hashes', async () => {
    for (const [namespace, request] of [
      [40, storing('p', { namespace: 40 })],
      [-42, signedStore('q', -42)],
    ] as const) {
      const { swarm, t } = await done<{ swarm: Record<string, Member>; t: number }>('store', request);
      expect(Math.abs(t - Date.now())).toBeLessThan(30_000);
      const hash = hashOf(id, namespace, namespace === 40 ? 'p' : 'q');
      expectSigned(swarm, () => hash);
      expect(await hashesIn(namespace)).toEqual([hash]);
    }
    const unsigned = { pubkey: id, namespace: 40, timestamp: now };
    expect(await call('retrieve', unsigned)).toEqual(['400', "invalid request: Required field 'signature' missing"]);
    await done('store', storing('legacy', { namespace: -10 }));
    expect((await done<Page>('retrieve', { pubkey: id, namespace: -10 })).messages).toHaveLength(1);
  });

  test('what is not allowed is refused', async () => {
    const text = 'store: signature required to store to namespace 42';
    expect(await call('store', storing('x', { namespace: 42 }))).toEqual(['401', text]);
    expect(await call('store', storing('x', { namespace: 32768 }))).toEqual([
      '400',
      "invalid request: Invalid value given for 'namespace': value out of range",
    ]);
    const foreign = storing('x', { namespace: -32123, signature: sign(newKeys(), `store-32123${now}`) });
    expect(await call('store', foreign)).toEqual(['401', 'store signature verification failed']);
  });

  test('an outbox keeps one message, which anyone may read', async () => {
    expect((await call('store', storing('x', { namespace: -1 })))[0]).toBe('401');
    const read = () => done<Page>('retrieve', { pubkey: id, namespace: -1 }, 2);
    await onSwarm('store', signedStore('one', -1));
    expect(await read()).toMatchObject({ more: false, messages: [{ hash: hashOf(id, -1, 'one') }] });
    const later = now + 1;
    const second = (ttl: number) =>
      signedStore('two', -1, { timestamp: later, ttl, signature: sign(keys, `store-1${later}`) });
    await onSwarm('store', second(TTL));
    await onSwarm('store', second(2 * TTL));
    expect((await read()).messages).toEqual([
      { hash: hashOf(id, -1, 'two'), timestamp: later, expiration: later + 2 * TTL, data: base64('two') },
    ]);
  });
});
