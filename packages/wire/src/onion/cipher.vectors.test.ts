import { expect, test } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { layerKey, openWithKey, sealWithKey } from './cipher.ts';
import { keyPairOf, orNull, vectorCases } from './vector-cases.ts';

test('derive: both ends reach the keys of all ciphers', () => {
  for (const { name, in: given, out } of vectorCases('derive')) {
    const client = keyPairOf(given.client);
    const server = keyPairOf(given.server);
    for (const type of ['xchacha20', 'aes-gcm', 'aes-cbc'] as const) {
      expect(bytesToHex(layerKey(type, 'client', client, server.publicKey).key), name).toBe(out[`key_${type}`]);
      expect(bytesToHex(layerKey(type, 'server', server, client.publicKey).key), name).toBe(out[`key_${type}`]);
    }
  }
});

test('encrypt', () => {
  for (const { name, in: given, out } of vectorCases('encrypt')) {
    const key = layerKey(given.enc_type, given.role, keyPairOf(given.own), hexToBytes(given.peer_x25519_pub));
    const sealed = sealWithKey(key, hexToBytes(given.nonce), hexToBytes(given.plaintext));
    expect(bytesToHex(sealed), name).toBe(out.ciphertext);
  }
});

test('decrypt', () => {
  for (const { name, in: given, out } of vectorCases('decrypt')) {
    const opened = orNull(() => {
      const key = layerKey(given.enc_type, given.role, keyPairOf(given.own), hexToBytes(given.peer_x25519_pub));
      return openWithKey(key, hexToBytes(given.ciphertext));
    });
    expect(opened && bytesToHex(opened), name).toBe(out.ok ? out.plaintext : null);
  }
});
