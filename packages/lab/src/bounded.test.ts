import { expect, test } from 'vitest';
import { forEachBounded } from './bounded.ts';

test('runs everything, never more than the limit at once', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await forEachBounded([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    done.push(item);
  });
  expect(done.toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});

test('after a failure nothing begins any more, and what had begun is waited for', async () => {
  const begun: number[] = [];
  let ended = false;
  const running = forEachBounded([1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('one');
    await new Promise(setImmediate);
    ended = true;
  });
  await expect(running).rejects.toThrow('one');
  expect(begun).toEqual([1, 2]);
  expect(ended).toBe(true);
});
