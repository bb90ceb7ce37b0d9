import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesToBase32z, bytesToBase64, bytesToBase64Unpadded, bytesToHex } from '../bytes/index.ts';
import { parsePublicKey } from './keys.ts';

test('every way of writing a key is read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const raw = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
      for (const write of [raw, bytesToHex, bytesToBase64, bytesToBase64Unpadded, bytesToBase32z]) {
        const read = parsePublicKey(write(key));
        if (key.every((byte) => byte === 0)) expect(read).toBeNull();
        else expect(new Uint8Array(read!)).toEqual(key);
      }
    }),
  );
});

test('any other text is no key, without an error', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 30, maxLength: 66, unit: 'binary' }), (text) => {
      const key = parsePublicKey(text);
      expect(key === null || key.length === 32).toBe(true);
    }),
  );
});
