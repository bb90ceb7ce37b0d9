import { expect, test } from 'vitest';
import { expiriesOf, onlyPresent } from './long-lists.ts';

const ACCOUNT = new Uint8Array(33);
const ALL = Array.from({ length: 25_000 }, (_, index) => `hash ${index}`);

/** Has every thousandth message, and notes how many were asked for at a time. */
function storeOfFew() {
  const asked: number[] = [];
  const expiries = (_account: Uint8Array, hashes: readonly string[]) => {
    asked.push(hashes.length);
    return new Map(hashes.filter((hash) => hash.endsWith('000')).map((hash) => [hash, Number(hash.slice(5)) + 1]));
  };
  return { asked, store: { expiries } };
}

test('a long list is looked up in portions while others have their turns', async () => {
  const { asked, store } = storeOfFew();
  let turns = 0;
  let done = false;
  const count = () => {
    turns++;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const found = await expiriesOf(store, ACCOUNT, ALL);
  done = true;
  expect(found.size).toBe(24);
  expect(found.get('hash 24000')).toBe(24_001);
  expect(Math.max(...asked)).toBe(1000);
  expect(turns).toBeGreaterThanOrEqual(24);
});

test('what is there keeps its own expiry, and one expiry stays the one of all', async () => {
  const { store } = storeOfFew();
  const expiries = ALL.map((_hash, index) => index);
  const present = ALL.filter((hash) => hash.endsWith('000'));
  const each = await onlyPresent(store, ACCOUNT, { messages: ALL, expiries });
  expect(each).toEqual({ messages: present, expiries: present.map((hash) => Number(hash.slice(5))) });
  expect(await onlyPresent(store, ACCOUNT, { messages: ALL, expiries: [7] })).toEqual({
    messages: present,
    expiries: [7],
  });
  expect(await onlyPresent(store, ACCOUNT, { messages: ALL })).toEqual({ messages: present });
});

test('short lists go straight to the store', async () => {
  const { asked, store } = storeOfFew();
  const lists = { messages: ALL.slice(0, 1000) };
  expect(await onlyPresent(store, ACCOUNT, lists)).toBe(lists);
  expect(asked).toEqual([]);
  expect((await expiriesOf(store, ACCOUNT, ['hash 1000', 'x'])).size).toBe(1);
  expect(asked).toEqual([2]);
});
