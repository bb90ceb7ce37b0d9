import { randomBytes } from 'node:crypto';
import { bytesToBase64, bytesToHex } from '@sotto/wire/bytes';
import { ed25519PublicToX25519 } from '@sotto/wire/crypto';
import { describe, expect, test } from 'vitest';
import {
  actAs,
  call,
  done,
  expectSigned,
  hashOf,
  id,
  type Json,
  keys,
  namespaceText,
  newKeys,
  now,
  onSwarm,
  type Page,
  retrieving,
  sign,
  signedStore,
  stored,
  TTL,
  useSuiteSwarm,
} from '../testing/suite-swarm.ts';

// What the network's own test-suite asserts of who may do what (storage-rpc §15).

useSuiteSwarm();

describe('who may', () => {
  test('a Session ID is authenticated by the Ed25519 key that belongs to it', async () => {
    actAs(`05${bytesToHex(ed25519PublicToX25519(keys.publicKey)!)}`);
    const [hash] = await stored('a');
    const text = `delete_all${now}`;
    const request = { pubkey: id, timestamp: now, signature: sign(keys, text) };
    const refused = ['401', 'delete_all signature verification failed'];
    expect(await call('delete_all', request)).toEqual(refused);
    const other = newKeys();
    const foreign = { ...request, pubkey_ed25519: bytesToHex(other.publicKey), signature: sign(other, text) };
    expect(await call('delete_all', foreign)).toEqual(refused);
    const right = { ...request, pubkey_ed25519: bytesToHex(keys.publicKey) };
    const swarm = await onSwarm('delete_all', right);
    expectSigned(swarm, () => `${id}${now}${hash}`);
    expect(await call('delete_all', { ...right, pubkey: `04${id.slice(2)}` })).toEqual([
      '400',
      'invalid request: pubkey_ed25519 is only permitted for 05[...] pubkeys',
    ]);
  });

  test('retrieving takes a signature that is right', async () => {
    expect(await call('retrieve', { pubkey: id })).toEqual(['401', 'retrieve: request signature required']);
    const changed = sign(keys, 'something else');
    expect(await call('retrieve', retrieving(0, { signature: changed }))).toEqual([
      '401',
      'retrieve signature verification failed',
    ]);
    expect(await call('retrieve', { pubkey: id, timestamp: now })).toEqual([
      '400',
      "invalid request: Required field 'signature' missing",
    ]);
    await stored('a', 'b');
    const unknown = await done<Page>('retrieve', retrieving(0, { last_hash: 'E'.repeat(43) }));
    expect(unknown.messages).toHaveLength(2);
    const { hf, t, ...page } = await done<Json>('retrieve', retrieving());
    expect(hf).toEqual([19, 6]);
    expect(Math.abs((t as number) - now)).toBeLessThan(60_000);
    expect(Object.keys(page).sort()).toEqual(['messages', 'more']);
  });

  test('the time of the signature may differ from the time of the message', async () => {
    const timestamp = now - 100_000;
    const old = signedStore('x', 42, { timestamp, signature: sign(keys, `store42${timestamp}`) });
    expect(await call('store', old)).toEqual(['406', 'store signature timestamp too far from current time']);
    await onSwarm('store', signedStore('x', 42, { timestamp, sig_timestamp: now }));
  });

  /** Parameters of a subaccount of this account with these flags. */
  function subaccount(flags: number, prefix = 3) {
    const own = newKeys();
    const token = Buffer.concat([Buffer.from([prefix, flags, 0, 0]), own.publicKey]);
    return { own, token, auth: { subaccount: bytesToHex(token), subaccount_sig: sign(keys, token) } };
  }

  test('subaccounts may do what their flags say, for the prefix that they are for', async () => {
    const retrieveAs = ({ own, auth }: ReturnType<typeof subaccount>, namespace = 0) =>
      call(
        'retrieve',
        retrieving(namespace, { signature: sign(own, `retrieve${namespaceText(namespace)}${now}`), ...auth }),
      );
    const storeAs = ({ own, auth }: ReturnType<typeof subaccount>) =>
      call('store', signedStore('by member', 11, { signature: sign(own, `store11${now}`), ...auth }));
    const deleteAs = ({ own, auth }: ReturnType<typeof subaccount>) => {
      const hash = hashOf(id, 11, 'by member');
      return call('delete', { pubkey: id, messages: [hash], signature: sign(own, `delete${hash}`), ...auth });
    };
    for (const flags of [1, 3, 7, 11]) {
      const member = subaccount(flags);
      expect(await retrieveAs(member)).toHaveLength(1);
      expect((await storeAs(member))[0] === '401').toBe((flags & 2) === 0);
      const deletion = await deleteAs(member);
      if (flags & 4) expect(deletion).toHaveLength(1);
      else expect(deletion).toEqual(['401', 'delete_msgs signature verification failed']);
    }
    expect((await retrieveAs(subaccount(0)))[0]).toBe('401');
    expect((await retrieveAs(subaccount(3, 0x99)))[0]).toBe('401');
    expect(await retrieveAs(subaccount(11, 0x99))).toHaveLength(1);
  });

  test('a subaccount that may only write extends, and does not shorten', async () => {
    const [hash] = await stored('a');
    const { own, auth } = subaccount(3);
    const expireAs = (expiry: number) =>
      onSwarm('expire', {
        pubkey: id,
        expiry,
        messages: [hash],
        signature: sign(own, `expire${expiry}${hash}`),
        ...auth,
      });
    for (const { updated } of Object.values(await expireAs(now + 2 * TTL))) expect(updated).toEqual([hash]);
    for (const { updated } of Object.values(await expireAs(now + TTL))) expect(updated).toEqual([]);
  });

  test('the 50 revocations made last count, on every member', async () => {
    await stored('a');
    const { own, token, auth } = subaccount(3);
    const retrieveAs = (namespace = 0) =>
      call(
        'retrieve',
        retrieving(namespace, { signature: sign(own, `retrieve${namespaceText(namespace)}${now}`), ...auth }),
        3,
      );
    const change = (method: 'revoke' | 'unrevoke', tokens: Uint8Array[], timestamp: number) =>
      onSwarm(`${method}_subaccount`, {
        pubkey: id,
        [method]: tokens.map(bytesToBase64),
        timestamp,
        signature: sign(keys, Buffer.concat([Buffer.from(`${method}_subaccount${timestamp}`), ...tokens])),
      });
    const revoked = await change('revoke', [token], now);
    expectSigned(revoked, () => Buffer.concat([Buffer.from(`${id}${now}`), token]));
    expect((await retrieveAs())[0]).toBe('401');
    expect(await retrieveAs(-11)).toHaveLength(1);
    await change('unrevoke', [token], now + 1);
    expect(await retrieveAs()).toHaveLength(1);

    await change('revoke', [token], now + 2);
    const others = Array.from({ length: 60 }, () => Buffer.concat([Buffer.from([3, 3, 0, 0]), randomBytes(32)]));
    await change('revoke', others.slice(0, 49), now + 3);
    expect((await retrieveAs())[0]).toBe('401');
    await change('revoke', others.slice(49, 50), now + 4);
    expect(await retrieveAs()).toHaveLength(1);
    const counts = await change('unrevoke', [token, ...others], now + 5);
    for (const { count } of Object.values(counts)) expect(count).toBe(50);
  });
});
