import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys, type NodeRecord } from '@sotto/wire/nodes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestSchedule } from './test-schedule.ts';

const SECOND = 1000;
const TICK = 200;

const nodes = Array.from({ length: 12 }, (_, index): NodeRecord => {
  const { ed25519 } = deriveNodeKeys(new Uint8Array(32).fill(index + 1));
  return { ed25519Key: ed25519.publicKey, swarmId: 1n, ip: '127.0.0.1', httpsPort: 1, omqPort: 1, version: [2, 11, 3] };
});
const keyOf = (node: NodeRecord) => bytesToHex(node.ed25519Key);

/** A small deterministic generator; what it gives is even enough. */
function uniformFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const scheduleOf = (seed = 7) => new TestSchedule({ interval: 10 * SECOND, uniform: uniformFrom(seed), now: 0 });

/** Times of tests by node, if the given nodes fail every test. */
function run(schedule: TestSchedule, until: number, fails: (node: NodeRecord, now: number) => boolean) {
  const times = new Map<string, number[]>(nodes.map((node) => [keyOf(node), []]));
  for (let now = 0; now < until; now += TICK) {
    for (const node of schedule.due(now, nodes)) {
      times.get(keyOf(node))!.push(now);
      if (fails(node, now)) schedule.failed(node, now);
      else schedule.passed(node);
    }
  }
  return times;
}

test('every node is tested once a round, and one about every 10 s', () => {
  const times = run(scheduleOf(), 12 * 10 * 10 * SECOND, () => false);
  const counts = [...times.values()].map((list) => list.length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  expect(total).toBeGreaterThan(110);
  expect(total).toBeLessThan(130);
});

test('the pauses between tests vary around 10 s with a deviation of 3 s', () => {
  const all = [...run(scheduleOf(3), 5000 * SECOND, () => false).values()].flat().sort((a, b) => a - b);
  const pauses = all.slice(1).map((time, index) => time - all[index]!);
  const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
  const deviation = Math.sqrt(pauses.reduce((sum, pause) => sum + (pause - mean) ** 2, 0) / pauses.length);
  expect(mean / SECOND).toBeGreaterThan(9.3);
  expect(mean / SECOND).toBeLessThan(10.8);
  expect(deviation / SECOND).toBeGreaterThan(2.3);
  expect(deviation / SECOND).toBeLessThan(3.7);
});

test('a failing node is tested again after growing pauses of at most 2 min, until it passes', () => {
  const [bad] = nodes;
  const times = run(scheduleOf(), 4000 * SECOND, (node, now) => node === bad && now < 2000 * SECOND);
  const tests = times.get(keyOf(bad!))!;
  const pauses = tests.slice(1).map((time, index) => (time - tests[index]!) / SECOND);
  for (const [k, pause] of pauses.slice(0, 10).entries()) {
    expect(pause).toBeGreaterThan(k * 10 - 5);
    expect(pause).toBeLessThan(k * 10 + 25);
  }
  const late = tests.filter((time) => time > 1500 * SECOND && time < 2000 * SECOND);
  const latePauses = late.slice(1).map((time, index) => (time - late[index]!) / SECOND);
  for (const pause of latePauses) expect(pause).toBeCloseTo(120, 0);
  // Afterwards it is one of all again: about every 12th test.
  const last = tests.filter((time) => time > 2200 * SECOND);
  expect(last.length).toBeGreaterThan(10);
  expect(last.length).toBeLessThan(20);
});

test('a node under test again is not handed out before there is an outcome, and one that left is forgotten', () => {
  const schedule = scheduleOf();
  schedule.failed(nodes[0]!, 0);
  const first = Array.from({ length: 200 }, (_, tick) => schedule.due(tick * TICK, nodes.slice(0, 1))).flat();
  expect(first).toHaveLength(1);
  expect(schedule.due(1000 * SECOND, nodes.slice(1)).length).toBeLessThanOrEqual(1);
  const again = Array.from({ length: 200 }, (_, tick) => schedule.due(2000 * SECOND + tick * TICK, nodes.slice(0, 1)));
  expect(again.flat().length).toBeGreaterThan(1);
});

test('no more than four failing nodes and one other are handed out at once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const schedule = scheduleOf(seed);
      for (const node of nodes) schedule.failed(node, 0);
      const due = schedule.due(1000 * SECOND, nodes);
      expect(due).toHaveLength(4);
      expect(new Set(due).size).toBe(4);
    }),
    { numRuns: 20 },
  );
});

test('without any node nothing is handed out', () => {
  expect(scheduleOf().due(1000 * SECOND, [])).toEqual([]);
});
