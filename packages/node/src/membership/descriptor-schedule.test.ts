import { expect, test } from 'vitest';
import { DescriptorSchedule } from './descriptor-schedule.ts';

const MINUTE = 60_000;

/** When an authority is told within an hour, in seconds. */
function timesOf(schedule: DescriptorSchedule, refuses: (now: number) => boolean): number[] {
  const times: number[] = [];
  for (let now = 0; now < 60 * MINUTE; now += schedule.tick) {
    if (!schedule.isDue('a', now)) continue;
    times.push(now / 1000);
    schedule.told('a', now, refuses(now));
  }
  return times;
}

test('who takes descriptors gets one every ten minutes', () => {
  expect(timesOf(new DescriptorSchedule(10 * MINUTE), () => false)).toEqual([0, 600, 1200, 1800, 2400, 3000]);
});

test('who refuses is asked again every ten seconds for two minutes, then every two minutes at last', () => {
  const times = timesOf(new DescriptorSchedule(10 * MINUTE), () => true);
  expect(times.filter((time) => time < 120)).toHaveLength(12);
  expect(times.slice(-3).map((time, index, last) => time - (last[index - 1] ?? time - 120))).toEqual([120, 120, 120]);
  expect(times.length).toBeLessThan(45);
});

test('a refusal says nothing about other authorities, and is forgotten once it ends', () => {
  const schedule = new DescriptorSchedule(10 * MINUTE);
  const times = timesOf(schedule, (now) => now < 30 * MINUTE);
  expect(times.filter((time) => time > 1920).length).toBeLessThanOrEqual(3);
  expect(schedule.isDue('b', 0)).toBe(true);
  expect(new DescriptorSchedule(5).tick).toBe(5);
});
