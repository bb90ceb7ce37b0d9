import { expect, test } from 'vitest';
import { averageOffset, withNodeTime } from './clock-offset.ts';

const NODE_TIME = 1_700_000_000_000;

test('without a measurement the offset is 0', () => {
  expect(averageOffset([])).toBe(0);
});

test('a time that is none, or long past, changes nothing', () => {
  const offsets = withNodeTime([], NODE_TIME + 5, NODE_TIME);
  for (const time of [0, -1, 1_609_419_600_000, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(withNodeTime(offsets, NODE_TIME, time)).toBe(offsets);
  }
  expect(averageOffset(withNodeTime(offsets, 1_609_419_600_001, 1_609_419_600_001))).toBe(2);
});
