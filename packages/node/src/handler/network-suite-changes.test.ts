import { describe, expect, test } from 'vitest';
import {
  byBytes,
  call,
  done,
  expectSigned,
  hashesIn,
  hashOf,
  id,
  keys,
  now,
  onSwarm,
  retrieved,
  sign,
  signedStore,
  stored,
  storing,
  useSuiteSwarm,
} from '../testing/suite-swarm.ts';

// What the network's own test-suite asserts of deleting and of expiries (storage-rpc §15).

useSuiteSwarm();

describe('deleting', () => {
  test('delete_all of one namespace and of all, signed by every member', async () => {
    const hashes = byBytes(await stored('a', 'b', 'c'));
    const one = await onSwarm('delete_all', { pubkey: id, timestamp: now, signature: sign(keys, `delete_all${now}`) });
    for (const { deleted } of Object.values(one)) expect(deleted).toEqual(hashes);
    expectSigned(one, () => `${id}${now}${hashes.join('')}`);
    expect(await hashesIn()).toEqual([]);

    await stored('d', 'e');
    await done('store', signedStore('f', -42));
    const all = { pubkey: id, namespace: 'all', timestamp: now, signature: sign(keys, `delete_allall${now}`) };
    const inZero = byBytes([hashOf(id, 0, 'd'), hashOf(id, 0, 'e')]);
    const inOther = hashOf(id, -42, 'f');
    const swarm = await onSwarm('delete_all', all);
    for (const { deleted } of Object.values(swarm)) expect(deleted).toEqual({ '-42': [inOther], 0: inZero });
    expectSigned(swarm, () => `${id}${now}${byBytes([...inZero, inOther]).join('')}`);
  });

  test('an old delete_all is refused', async () => {
    const timestamp = now - 120_000;
    const old = { pubkey: id, timestamp, signature: sign(keys, `delete_all${timestamp}`) };
    expect(await call('delete_all', old)).toEqual(['406', 'delete_all timestamp too far from current time']);
  });

  test('delete answers sorted what was there, and 404 only where something was required', async () => {
    const hashes = await stored('a', 'b', 'c', 'd', 'e');
    const asked = [...byBytes([hashes[0]!, hashes[2]!]).reverse(), 'A'.repeat(43)];
    const request = { pubkey: id, messages: asked, signature: sign(keys, `delete${asked.join('')}`), required: true };
    const swarm = await onSwarm('delete', request);
    const deleted = byBytes([hashes[0]!, hashes[2]!]);
    for (const member of Object.values(swarm)) expect(member.deleted).toEqual(deleted);
    expectSigned(swarm, () => id + asked.join('') + deleted.join(''));
    expect(await hashesIn()).toEqual([hashes[1], hashes[3], hashes[4]]);
    const again = await call('delete', request);
    expect([again.length, again[0]]).toEqual([2, '404']);
    expect(await call('delete', { ...request, required: false })).toHaveLength(1);
  });

  test('delete_before takes what is not newer', async () => {
    const hashes = await stored('a', 'b', 'c');
    const before = (time: number) =>
      onSwarm('delete_before', { pubkey: id, before: time, signature: sign(keys, `delete_before${time}`) });
    const none = await before(now - 5001);
    for (const { deleted } of Object.values(none)) expect(deleted).toEqual([]);
    expectSigned(none, () => `${id}${now - 5001}`);
    const two = await before(now - 4000);
    const gone = byBytes(hashes.slice(0, 2));
    for (const { deleted } of Object.values(two)) expect(deleted).toEqual(gone);
    expectSigned(two, () => `${id}${now - 4000}${gone.join('')}`);
    expect(await hashesIn()).toEqual([hashes[2]]);
    await before(now - 2999);
    expect(await hashesIn()).toEqual([]);
  });
});

describe('expiries', () => {
  test('expire_all shortens and never extends', async () => {
    const expiry = now + 60_000;
    await stored('long');
    await done('store', storing('short', { ttl: 30_000 }));
    await done('store', storing('equal', { ttl: 60_000 }));
    const request = { pubkey: id, expiry, signature: sign(keys, `expire_all${expiry}`) };
    const swarm = await onSwarm('expire_all', request);
    const updated = [hashOf(id, 0, 'long')];
    for (const member of Object.values(swarm)) expect(member.updated).toEqual(updated);
    expectSigned(swarm, () => `${id}${expiry}${updated.join('')}`);
    const { messages } = await retrieved();
    expect(messages.map(({ expiration }) => expiration)).toEqual([expiry, now + 30_000, expiry]);
    const past = now - 120_000;
    const old = { pubkey: id, expiry: past, signature: sign(keys, `expire_all${past}`) };
    expect(await call('expire_all', old)).toEqual(['406', 'expire_all timestamp should be >= current time']);
  });

  const expiring = (expiry: number | number[], messages: string[], option = '') => ({
    pubkey: id,
    expiry,
    messages,
    ...(option && { [option]: true }),
    signature: sign(keys, `expire${option}${[expiry].flat().join('')}${messages.join('')}`),
  });

  test('expire sets earlier and later, ignores unknown ones, and is clamped to 30 days', async () => {
    const hashes = await stored('a', 'b', 'c');
    const expiry = now + 300_000;
    const asked = [hashes[2]!, 'B'.repeat(43), hashes[0]!];
    const swarm = await onSwarm('expire', expiring(expiry, asked));
    const updated = byBytes([hashes[0]!, hashes[2]!]);
    for (const member of Object.values(swarm)) expect([member.updated, member.expiry]).toEqual([updated, expiry]);
    expectSigned(swarm, () => id + expiry + asked.join('') + updated.join(''));
    const far = now + 31 * 86_400_000;
    const clamped = await onSwarm('expire', expiring(far, [hashes[1]!]));
    for (const member of Object.values(clamped)) {
      expect(Math.abs((member.expiry as number) - (Date.now() + 30 * 86_400_000))).toBeLessThan(60_000);
    }
    expectSigned(clamped, (member) => `${id}${member.expiry}${hashes[1]}${hashes[1]}`);
    expect((await retrieved()).messages.map(({ timestamp }) => timestamp)).toEqual([
      now - 5000,
      now - 4000,
      now - 3000,
    ]);
  });

  test('shorten and extend tell what they left, and several expiries what each became', async () => {
    const hashes = byBytes(await stored('a', 'b'));
    const [low, high] = [now + 100_000, now + 200_000];
    await done('expire', expiring([low, high], hashes));
    const shortened = await onSwarm('expire', expiring(now + 150_000, [...hashes, 'C'.repeat(43)], 'shorten'));
    for (const member of Object.values(shortened)) {
      expect([member.updated, member.unchanged]).toEqual([[hashes[1]], { [hashes[0]!]: low }]);
    }
    expectSigned(shortened, () => [id, now + 150_000, ...hashes, 'C'.repeat(43), hashes[1], hashes[0], low].join(''));
    const extended = await onSwarm('expire', expiring(high, hashes, 'extend'));
    for (const member of Object.values(extended)) expect(member).toMatchObject({ updated: hashes, unchanged: {} });
    const several = await onSwarm('expire', expiring([high, low], [hashes[1]!, hashes[0]!]));
    for (const member of Object.values(several)) {
      expect(member).toMatchObject({ updated: hashes, expiry: [low, high] });
      expect(member).not.toHaveProperty('unchanged');
    }
    expectSigned(several, () => [id, low, high, hashes[1], hashes[0], ...hashes].join(''));
    const asked = [...hashes, 'D'.repeat(43)];
    const question = {
      pubkey: id,
      messages: asked,
      timestamp: now,
      signature: sign(keys, `get_expiries${now}${asked.join('')}`),
    };
    expect(await done('get_expiries', question)).toEqual({ expiries: { [hashes[0]!]: low, [hashes[1]!]: high } });
  });
});
