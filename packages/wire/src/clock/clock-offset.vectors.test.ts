import { expect } from 'vitest';
import { testEach } from '../onion/vector-cases.ts';
import { averageOffset, type ClockOffsets, withNodeTime } from './clock-offset.ts';

const NODE_TIME = 1_700_000_000_000;

testEach('clock_offset', ({ in: given, out }) => {
  let offsets: ClockOffsets = [];
  const averages = given.offsets.map((offset: number) => {
    offsets = withNodeTime(offsets, NODE_TIME + offset, NODE_TIME);
    return averageOffset(offsets);
  });
  expect(averages).toEqual(out.average_after_each);
});
