import { expect, test } from 'vitest';
import { ed25519KeyPair, ed25519PublicToX25519 } from '../crypto/index.ts';
import { belongsTo } from './key-conversion.ts';

/** A key pair of its own for each number. */
function keysOf(number: number) {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, number);
  const { publicKey } = ed25519KeyPair(seed);
  return { publicKey, x25519Key: ed25519PublicToX25519(publicKey)! };
}

test('answers the same the first time and from then on', () => {
  const [one, other] = [keysOf(1), keysOf(2)];
  for (let round = 0; round < 2; round++) {
    expect(belongsTo(one.publicKey, one.x25519Key)).toBe(true);
    expect(belongsTo(one.publicKey, other.x25519Key)).toBe(false);
  }
});

test('stays right when more keys were seen than are kept', () => {
  const all = Array.from({ length: 4200 }, (_, number) => keysOf(number));
  for (const { publicKey, x25519Key } of all) expect(belongsTo(publicKey, x25519Key)).toBe(true);
  for (const { publicKey } of all.slice(0, 50)) expect(belongsTo(publicKey, all[100]!.x25519Key)).toBe(false);
});

test('refuses what is no point of the main subgroup', () => {
  expect(belongsTo(new Uint8Array(32), new Uint8Array(32))).toBe(false);
  expect(belongsTo(new Uint8Array(32).fill(0xff), new Uint8Array(32))).toBe(false);
});
