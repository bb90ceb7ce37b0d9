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

test('what expired and what was closed is forgotten, and counts no more', () => {
  const subscriptions = new Subscriptions<string>();
  subscriptions.add('a', { accountId: account, namespaces: [0], withData: false }, 0);
  subscriptions.add('b', { accountId: account, namespaces: [0], withData: false }, 1000);
  subscriptions.add('b', { accountId: other, namespaces: [0], withData: false }, 1000);
  expect(subscriptions.size).toBe(3);
  subscriptions.removeExpired(MONITOR_DURATION);
  expect(subscriptions.size).toBe(2);
  subscriptions.drop('b');
  expect(subscriptions.size).toBe(0);
  expect(subscriptions.subscribers(account, 0, 1000)).toEqual([]);
});
