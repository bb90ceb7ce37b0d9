import { expect, test } from 'vitest';
import { ClockWatch } from './clock-watch.ts';

const HOUR = 3_600_000;

test('a clock that runs evenly is trusted, one that jumped is not for ten minutes', () => {
  for (const jump of [5 * HOUR, -5 * HOUR]) {
    const watch = new ClockWatch();
    expect(watch.isTrusted(1e12, 0)).toBe(true);
    expect(watch.isTrusted(1e12 + 10_500, 10_000)).toBe(true);
    expect(watch.isTrusted(1e12 + 20_000 + jump, 20_000)).toBe(false);
    expect(watch.isTrusted(1e12 + 619_000 + jump, 619_000)).toBe(false);
    expect(watch.isTrusted(1e12 + 620_000 + jump, 620_000)).toBe(true);
  }
});

test('a clock that is put right again is watched for ten minutes more', () => {
  const watch = new ClockWatch();
  watch.isTrusted(1e12, 0);
  watch.isTrusted(1e12 + HOUR, 10_000);
  expect(watch.isTrusted(1e12 + 300_000, 300_000)).toBe(false);
  expect(watch.isTrusted(1e12 + 700_000, 700_000)).toBe(false);
  expect(watch.isTrusted(1e12 + 900_000, 900_000)).toBe(true);
});
