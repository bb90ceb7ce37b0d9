import { expect, test } from 'vitest';
import { MONITOR_DURATION } from './monitor.ts';
import { Subscriptions } from './subscriptions.ts';

const account = `03${'ab'.repeat(32)}`;
const other = `05${'ab'.repeat(32)}`;

test('a subscription lasts from its last renewal, and all that it grew to is renewed', () => {
  const subscriptions = new Subscriptions<string>();
  subscriptions.add('a', { accountId: account, namespaces: [0], withData: true }, 0);
  subscriptions.add('a', { accountId: account, namespaces: [11], withData: false }, 1000);
  const last = 1000 + MONITOR_DURATION - 1;
  for (const namespace of [0, 11]) {
    expect(subscriptions.subscribers(account, namespace, last)).toEqual([{ connection: 'a', withData: true }]);
    expect(subscriptions.subscribers(account, namespace, last + 1)).toEqual([]);
  }
  expect(subscriptions.subscribers(other, 0, 0)).toEqual([]);
});

/** A table, and how many bytes it holds. */
function counted() {
  let bytes = 0;
  const subscriptions = new Subscriptions<string>((_connection, freed) => {
    bytes -= freed;
  });
  const add = (connection: string, accountId: string, namespaces: number[], now: number) => {
    const registration = { accountId, namespaces, withData: false };
    bytes += subscriptions.growth(connection, registration);
    subscriptions.add(connection, registration, now);
  };
  return { subscriptions, add, bytes: () => bytes };
}

test('what expired and what was closed is forgotten, and its memory is free', () => {
  const { subscriptions, add, bytes } = counted();
  add('a', account, [0], 0);
  const one = bytes();
  add('b', account, [0], 1000);
  add('b', other, [0], 1000);
  expect(bytes()).toBe(3 * one);
  subscriptions.removeExpired(MONITOR_DURATION);
  expect(bytes()).toBe(2 * one);
  subscriptions.drop('b');
  expect([bytes(), subscriptions.accounts()]).toEqual([0, []]);
  expect(subscriptions.subscribers(account, 0, 1000)).toEqual([]);
});

test('more namespaces take more memory, a renewal takes none', () => {
  const { subscriptions, add, bytes } = counted();
  add('a', account, [0], 0);
  const one = bytes();
  add('a', account, [0], 1);
  expect(bytes()).toBe(one);
  add('a', account, [0, 5, 11], 1);
  expect(bytes()).toBeGreaterThan(one);
  subscriptions.removeExpired(1 + MONITOR_DURATION);
  expect(bytes()).toBe(0);
});

test('an account that ends ends for all, and those whose time is not over are named', () => {
  const { subscriptions, add, bytes } = counted();
  add('expired', account, [0], 0);
  add('a', account, [0], 1000);
  add('b', account, [5], 1000);
  add('b', other, [0], 1000);
  expect(subscriptions.accounts()).toEqual([account, other]);
  expect(subscriptions.end(account, MONITOR_DURATION)).toEqual(['a', 'b']);
  expect(subscriptions.accounts()).toEqual([other]);
  subscriptions.drop('b');
  expect(bytes()).toBe(0);
  expect(subscriptions.end(other, 0)).toEqual([]);
});
