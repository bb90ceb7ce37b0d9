import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { boxOpen, boxSeal } from './box.ts';
import { sodium } from './sodium.ts';
import { x25519KeyPair } from './x25519.ts';

test('a box made with the precomputed key is the box that libsodium makes', () => {
  const ours = x25519KeyPair(randomBytes(32));
  const theirs = x25519KeyPair(randomBytes(32));
  const nonce = randomBytes(24);
  const message = randomBytes(77);
  const expected = new Uint8Array(message.length + 16);
  sodium.crypto_box_easy(expected, message, nonce, theirs.publicKey, ours.secretKey);
  const sealed = boxSeal(message, nonce, theirs.publicKey, ours.secretKey);
  expect(sealed).toEqual(expected);
  expect(boxOpen(sealed, nonce, ours.publicKey, theirs.secretKey)).toEqual(new Uint8Array(message));
  sealed[3]! ^= 1;
  expect(boxOpen(sealed, nonce, ours.publicKey, theirs.secretKey)).toBeNull();
});
