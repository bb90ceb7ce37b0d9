import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate } from './allocate.ts';

test('arrays of any sizes do not overlap and begin where words may', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { minLength: 1, maxLength: 60 }), (sizes) => {
      const arrays = sizes.map((size) => allocate(size));
      arrays.forEach((array, index) => {
        array.fill(index);
      });
      arrays.forEach((array, index) => {
        expect(array).toHaveLength(sizes[index]!);
        expect(array.byteOffset % 8).toBe(0);
        expect(array.every((byte) => byte === index)).toBe(true);
      });
    }),
  );
});

test('a large array has memory of its own', () => {
  expect(allocate(5000).buffer.byteLength).toBe(5000);
});
