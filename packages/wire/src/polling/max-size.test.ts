import { expect, test } from 'vitest';
import { vectorCases } from '../onion/vector-cases.ts';
import { maxSizes } from './max-size.ts';

test('max_size vectors', () => {
  for (const { name, in: given, out } of vectorCases('max_size')) {
    expect(Object.fromEntries(maxSizes(given.namespaces)), name).toEqual(out.max_size);
  }
});

test('an empty list has no sizes, and several inboxes share evenly', () => {
  expect(maxSizes([]).size).toBe(0);
  expect([...maxSizes([0, 11])]).toEqual([
    [0, -2],
    [11, -2],
  ]);
});
