import { expect, test } from 'vitest';
import { encodeBt } from '../bt/index.ts';
import { concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { ed25519KeyPair, ed25519Sign } from '../crypto/index.ts';
import { parseMonitor } from './monitor.ts';

const NOW = 1_768_478_400_000;
const SECONDS = NOW / 1000;
const account = ed25519KeyPair(new Uint8Array(32).fill(1));
const member = ed25519KeyPair(new Uint8Array(32).fill(2));
const accountBytes = concatBytes(Uint8Array.of(3), account.publicKey);
const signed = utf8ToBytes(`MONITOR${Buffer.from(accountBytes).toString('hex')}${SECONDS}011`);

function registration(token: Uint8Array, tokenSigner = account): Uint8Array {
  return encodeBt({
    S: ed25519Sign(token, tokenSigner.secretKey),
    T: token,
    n: [11],
    p: accountBytes,
    s: ed25519Sign(signed, member.secretKey),
    t: SECONDS,
  });
}

function token(prefix: number, flags: number): Uint8Array {
  return concatBytes(Uint8Array.of(prefix, flags, 0, 0), member.publicKey);
}

test('a subaccount is refused for its prefix, then for its rights, then for its signature', () => {
  const text = (request: Uint8Array) =>
    [...parseMonitor(request, NOW).outcomes].map((outcome) => 'text' in outcome && outcome.text);
  const failed = 'Subaccount verification failed: subaccount ';
  expect(text(registration(token(3, 1)))).toEqual([false]);
  expect(text(registration(token(5, 9)))).toEqual([false]);
  expect(text(registration(token(5, 0), member))).toEqual([`${failed}network prefix mismatch`]);
  expect(text(registration(token(3, 2), member))).toEqual([`${failed}is missing the required permissions`]);
  expect(text(registration(token(3, 1), member))).toEqual([`${failed}token signature verification failed`]);
});

test('what is no dict and no list of dicts is refused as a whole', () => {
  const good = Buffer.from(registration(token(3, 1))).toString('latin1');
  for (const request of ['', '5:hello', `${good}x`, 'lde', 'li1ee', `l${good}i1ee`, `l${good}0:e`]) {
    const { isList, outcomes } = parseMonitor(Buffer.from(request, 'latin1'), NOW);
    expect([isList, [...outcomes]], request).toMatchObject([false, [{ errcode: 1 }]]);
  }
  for (const request of [`${good}e`, `l${good}e`, `l${good}exe`]) {
    const { outcomes } = parseMonitor(Buffer.from(request, 'latin1'), NOW);
    expect([...outcomes], request).toMatchObject([{ withData: false }]);
  }
});

test('a list longer than any push server sends is refused before anything is verified', () => {
  const listOf = (count: number) => Buffer.from(`l${'de'.repeat(count)}e`);
  expect(parseMonitor(listOf(50_000), NOW).isList).toBe(true);
  const { isList, outcomes } = parseMonitor(listOf(50_001), NOW);
  expect([isList, [...outcomes]]).toMatchObject([false, [{ errcode: 1 }]]);
});
