import { expect, test } from 'vitest';
import { HandoverTurns } from './handover-turns.ts';

test('one giver at a time, until it ends', () => {
  const turns = new HandoverTurns();
  expect(turns.isTaken(0)).toBe(false);
  expect(turns.take('a', 0)).toBe(true);
  expect(turns.take('b', 1000)).toBe(false);
  expect(turns.take('a', 1500)).toBe(true);
  expect(turns.take('b', 3400)).toBe(false);
  turns.end('b');
  expect(turns.isTaken(3400)).toBe(true);
  turns.end('a');
  expect(turns.take('b', 3400)).toBe(true);
});

test('a giver that falls silent keeps nobody waiting', () => {
  const turns = new HandoverTurns();
  turns.take('a', 0);
  expect(turns.take('b', 1999)).toBe(false);
  expect(turns.take('b', 2000)).toBe(true);
});

test('a giver that never ends has to let others go first', () => {
  const turns = new HandoverTurns();
  for (let now = 0; now < 60_000; now += 1000) expect(turns.take('a', now)).toBe(true);
  expect(turns.take('a', 60_000)).toBe(false);
  expect(turns.isTaken(60_000)).toBe(false);
  expect(turns.take('b', 61_000)).toBe(true);
  turns.end('b');
  expect(turns.take('a', 62_000)).toBe(true);
  const alone = new HandoverTurns();
  for (let now = 0; now < 60_000; now += 1000) alone.take('a', now);
  expect(alone.take('a', 120_000)).toBe(true);
});
