import { expect, test } from 'vitest';
import { Feed } from './feed.ts';

async function take<T>(values: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of values) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}

test('every subscriber gets every value from its subscription on, in order', async () => {
  const feed = new Feed(-1);
  feed.publish(0);
  const one = feed.subscribe(new AbortController().signal);
  feed.publish(1);
  const two = feed.subscribe(new AbortController().signal);
  feed.publish(2);
  expect(await take(one, 2)).toEqual([1, 2]);
  const rest = take(two, 2);
  feed.publish(3);
  expect(await rest).toEqual([2, 3]);
});

test('a subscription ends with its signal and with the feed', async () => {
  const feed = new Feed(-1);
  const stopping = new AbortController();
  const aborted = take(feed.subscribe(stopping.signal), 9);
  const closed = take(feed.subscribe(new AbortController().signal), 9);
  feed.publish(1);
  stopping.abort();
  expect(await aborted).toEqual([]);
  feed.publish(2);
  feed.close();
  expect(await closed).toEqual([1, 2]);
  expect(await take(feed.subscribe(new AbortController().signal), 1)).toEqual([]);
});

test('a subscriber that falls far behind is told so instead', async () => {
  const feed = new Feed(-1);
  const values = feed.subscribe(new AbortController().signal);
  for (let value = 0; value < 1_001; value++) feed.publish(value);
  feed.publish(7);
  expect(await take(values, 2)).toEqual([-1, 7]);
});
