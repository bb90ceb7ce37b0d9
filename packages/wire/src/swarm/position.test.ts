import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../errors.ts';
import { accountPosition, accountTextPosition, swarmOfPosition } from './position.ts';
import { formatSwarmId, NO_SWARM } from './swarm-id.ts';

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test('a position belongs to the nearest swarm on the ring, the left one of two equally near', () => {
  fc.assert(
    fc.property(u64, fc.uniqueArray(u64, { minLength: 1, maxLength: 20 }), (position, ids) => {
      ids.sort((a, b) => (a < b ? -1 : 1));
      const away = (id: bigint) => {
        const toRight = BigInt.asUintN(64, id - position);
        const toLeft = BigInt.asUintN(64, position - id);
        // Halves make a swarm on the left win against one equally far on the right.
        return toLeft <= toRight ? 2n * toLeft : 2n * toRight + 1n;
      };
      const nearest = ids.reduce((best, id) => (away(id) < away(best) ? id : best));
      expect(swarmOfPosition(position, ids)).toBe(nearest);
    }),
  );
});

test('the prefix of an account does not matter', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(255), (key, prefix) => {
      expect(accountPosition(Uint8Array.of(prefix, ...key))).toBe(accountPosition(key));
    }),
  );
});

test('what is no account is refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => accountTextPosition(text)).toThrow(WireError);
    }),
  );
  expect(() => accountPosition(new Uint8Array(31))).toThrow(WireError);
  expect(() => accountPosition(new Uint8Array(34))).toThrow(WireError);
});

test('swarm ids are written as plain hex', () => {
  expect(formatSwarmId(0n)).toBe('0');
  expect(formatSwarmId(0x3fn)).toBe('3f');
  expect(formatSwarmId(NO_SWARM)).toBe('ffffffffffffffff');
});
