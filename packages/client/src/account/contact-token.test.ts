import { deriveAccount } from '@sotto/wire/account';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../testing/seeded-random.ts';
import { contactTokenExpiry, makeContactToken } from './contact-token.ts';

const ours = deriveAccount(new Uint8Array(16).fill(1));
const others = deriveAccount(new Uint8Array(16).fill(2));
const random = seededRandom('tokens');

test('a token is known by every device of its account, and by nobody else', () => {
  const device = deriveAccount(new Uint8Array(16).fill(1));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (expiresAt) => {
      const token = makeContactToken(ours, expiresAt, random);
      expect(contactTokenExpiry(device, token)).toBe(Math.ceil(expiresAt / 1000) * 1000);
      expect(contactTokenExpiry(others, token)).toBeNull();
    }),
  );
});

test('what is changed or made up is no token', () => {
  const token = makeContactToken(ours, 1_790_000_000_000, random);
  fc.assert(
    fc.property(fc.nat(15), fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 20 }), (at, bits, bytes) => {
      const changed = token.map((byte, index) => (index === at ? byte ^ bits : byte));
      expect(contactTokenExpiry(ours, changed)).toBeNull();
      expect(contactTokenExpiry(ours, bytes)).toBeNull();
    }),
  );
});
