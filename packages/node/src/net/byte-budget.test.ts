import { expect, test } from 'vitest';
import { ByteBudget } from './byte-budget.ts';

test('the bytes of all clients together are bounded, and can be taken again once they are given back', () => {
  const budget = new ByteBudget(10, 10);
  expect(budget.take('192.0.2.1', 6)).toBe(true);
  expect(budget.take('192.0.2.2', 5)).toBe(false);
  expect(budget.take('192.0.2.2', 4)).toBe(true);
  budget.give('192.0.2.1', 6);
  expect(budget.take('192.0.2.2', 6)).toBe(true);
});

test('one client cannot take what is there for the others', () => {
  const budget = new ByteBudget(10, 4);
  expect(budget.take('192.0.2.1', 3)).toBe(true);
  expect(budget.take('::ffff:192.0.2.1', 2)).toBe(false);
  expect(budget.take('192.0.2.2', 4)).toBe(true);
  budget.give('192.0.2.1', 3);
  expect(budget.take('192.0.2.1', 4)).toBe(true);
});
