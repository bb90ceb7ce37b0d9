import { expect } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { x25519Shared } from '../crypto/index.ts';
import { layerKey, openWithKey, sealWithKey } from './cipher.ts';
import { encryptionTypeNamed } from './encryption-type.ts';
import { keyPairOf, mayRefuse, orNull, testEach, type VectorCase } from './vector-cases.ts';

testEach('derive', ({ in: given, out }) => {
  const client = keyPairOf(given.client);
  const server = keyPairOf(given.server);
  expect(bytesToHex(x25519Shared(client.secretKey, server.publicKey))).toBe(out.x25519_shared);
  for (const type of ['xchacha20', 'aes-gcm', 'aes-cbc'] as const) {
    expect(bytesToHex(layerKey(type, 'client', client, server.publicKey).key)).toBe(out[`key_${type}`]);
    expect(bytesToHex(layerKey(type, 'server', server, client.publicKey).key)).toBe(out[`key_${type}`]);
  }
});

testEach('encrypt', ({ in: given, out }) => {
  const sealed = sealWithKey(keyOf(given), hexToBytes(given.nonce), hexToBytes(given.plaintext));
  expect(bytesToHex(sealed)).toBe(out.ciphertext);
});

testEach('decrypt', (vector) => {
  const { in: given, out } = vector;
  const opened = orNull(() => openWithKey(keyOf(given), hexToBytes(given.ciphertext)));
  if (mayRefuse(vector, opened)) return;
  expect(opened && bytesToHex(opened)).toBe(out.ok ? out.plaintext : null);
});

function keyOf({ enc_type, role, own, peer_x25519_pub }: VectorCase['in']) {
  return layerKey(encryptionTypeNamed(enc_type)!, role, keyPairOf(own), hexToBytes(peer_x25519_pub));
}
