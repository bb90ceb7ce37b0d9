import { beforeEach, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { IncomingTests } from './incoming-tests.ts';

let lines: string[];
let incoming: IncomingTests;

beforeEach(() => {
  lines = [];
  incoming = new IncomingTests(
    ['https', 'omq'],
    createLog('info', (line) => lines.push(JSON.parse(line).msg)),
    0,
  );
});

test('two minutes without a test of a kind give a warning, every two minutes, and its end a word', () => {
  for (let now = 0; now <= 300_000; now += 1000) {
    if (now % 10_000 === 0) incoming.arrived('https', now);
    incoming.check(now);
  }
  expect(lines).toEqual([
    'No other node has tested us by OxenMQ for 2 min. Check that its port can be reached from outside.',
    'No other node has tested us by OxenMQ for 4 min. Check that its port can be reached from outside.',
  ]);
  incoming.arrived('omq', 310_000);
  incoming.arrived('omq', 311_000);
  expect(lines.slice(2)).toEqual(['Other nodes reach this node by OxenMQ again.']);
  expect(incoming.ages(312_000)).toEqual({ https: 12_000, omq: 1000 });
});

test('where there is nobody to test us nothing is missed; the time counts from when there is', () => {
  incoming.alone(500_000);
  incoming.check(619_999);
  expect(lines).toEqual([]);
  incoming.check(620_000);
  expect(lines).toHaveLength(2);
});
