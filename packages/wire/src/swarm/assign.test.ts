import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignSwarms, swarmParameters } from './assign.ts';

const nodes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('nine nodes of a small network make three swarms of three', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
      const swarms = assignSwarms(new Map(), nodes(9), seed, swarmParameters(3, 3, 0));
      expect([...swarms.values()].map((members) => members.length)).toEqual([3, 3, 3]);
    }),
  );
});

test('no node is lost or doubled, and no swarm stays too small next to another', () => {
  const sizes = fc
    .record({ minimum: fc.integer({ min: 1, max: 6 }), more: fc.integer({ min: 0, max: 4 }), margin: fc.nat(3) })
    .map(({ minimum, more, margin }) => swarmParameters(minimum, minimum + more, margin));
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.nat(12), { maxLength: 8 }),
      fc.nat(30),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (parameters, existing, joining, seed) => {
        let next = 0;
        const before = new Map(
          existing.map((size, index) => [BigInt(index) << 50n, Array.from({ length: size }, () => next++)]),
        );
        const joined = Array.from({ length: joining }, () => next++);
        const after = assignSwarms(before, joined, seed, parameters);
        const placed = [...after.values()].flat();
        expect(placed.toSorted((a, b) => a - b)).toEqual(nodes(next));
        if (after.size > 1) {
          for (const members of after.values()) expect(members.length).toBeGreaterThanOrEqual(parameters.minimum);
        }
      },
    ),
  );
});

test('sizes that contradict each other are refused', () => {
  expect(() => assignSwarms(new Map(), [1], 0n, swarmParameters(5, 4, 0))).toThrow(RangeError);
  expect(() => assignSwarms(new Map(), [1], 0n, swarmParameters(0, 4, 0))).toThrow(RangeError);
  expect(() => assignSwarms(new Map(), [1], 0n, swarmParameters(3, 4.5, 0))).toThrow(RangeError);
});

test('without nodes there are no swarms', () => {
  expect(assignSwarms(new Map(), [], 1n).size).toBe(0);
});
