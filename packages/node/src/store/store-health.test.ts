import { expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { StoreFailure } from './message-store.ts';
import { StoreHealth } from './store-health.ts';

test('each kind of failure is logged at once and then once a minute; a store that was closed is none', () => {
  const lines: string[] = [];
  let now = 0;
  const health = new StoreHealth(
    createLog('info', (line) => lines.push(line)),
    () => now,
  );
  const full = new StoreFailure('full', 'the message database is full');
  for (let count = 0; count < 5; count++) health.failed(full);
  health.failed(new StoreFailure('corrupt', 'the message database is damaged'));
  health.failed(new StoreFailure('closed', 'closed'));
  expect(lines.map((line) => JSON.parse(line).code)).toEqual(['full', 'corrupt']);
  now = 60_000;
  health.failed(full);
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[2]!).msg).toBe('Messages cannot be kept or read: the message database is full.');
});
