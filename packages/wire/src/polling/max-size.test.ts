import { expect, test } from 'vitest';
import { maxSizes } from './max-size.ts';

test('an empty list has no sizes, and several inboxes share evenly', () => {
  expect(maxSizes([]).size).toBe(0);
  expect([...maxSizes([0, 11])]).toEqual([
    [0, -2],
    [11, -2],
  ]);
});
