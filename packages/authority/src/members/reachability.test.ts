import type { AdmittedNode } from '@sotto/directory';
import { expect, test } from 'vitest';
import { sampleNode } from '../testing/sample.ts';
import { Reachability } from './reachability.ts';

const [one, two] = [sampleNode(1), sampleNode(2)];

/** Answers for the nodes with these ports, and counts the tests. */
function probe(up: Set<number>) {
  const asked: number[] = [];
  const reach = async ({ httpsPort }: AdmittedNode) => {
    asked.push(httpsPort);
    return up.has(httpsPort);
  };
  return { asked, reach, close: async () => {} };
}

test('a node is reachable once it answered, and no longer after it failed twice', async () => {
  const up = new Set([one.httpsPort]);
  const reachability = new Reachability(probe(up), 100);
  const test = async (now: number) => {
    reachability.advance([one, two], now);
    await reachability.settled();
    return [one, two].map((node) => reachability.isReachable(node));
  };
  expect(await test(0)).toEqual([true, false]);
  up.clear();
  expect(await test(50)).toEqual([true, false]);
  expect(await test(100)).toEqual([true, false]);
  expect(await test(200)).toEqual([false, false]);
  up.add(one.httpsPort);
  expect(await test(300)).toEqual([true, false]);
});

test('a node that moved must answer at its new place', async () => {
  const up = new Set([one.httpsPort]);
  const reachability = new Reachability(probe(up), 100);
  await reachability.testAll([one], 0);
  const moved = { ...one, httpsPort: 9 };
  expect(reachability.isReachable(moved)).toBe(false);
  reachability.advance([moved], 1);
  await reachability.settled();
  expect(reachability.isReachable(moved)).toBe(false);
});

test('whoever is asked for the first time is remembered only if it answers', async () => {
  const reachability = new Reachability(probe(new Set([one.httpsPort])), 100);
  expect(await reachability.testFirst(one, '203.0.113.1', 0)).toBe(true);
  expect(await reachability.testFirst(two, '203.0.113.1', 0)).toBe(false);
  expect([one, two].map((node) => reachability.isReachable(node))).toEqual([true, false]);
});

test('there is an end to what is tested at a time, and everybody has a turn', async () => {
  const many = Array.from({ length: 100 }, (_, index) => sampleNode(index));
  const waiting: (() => void)[] = [];
  const slow = {
    reach: () => new Promise<boolean>((resolve) => waiting.push(() => resolve(true))),
    close: async () => {},
  };
  const reachability = new Reachability(slow, 1000);
  const all = reachability.testAll(many, 0);
  expect(waiting.length).toBe(32);
  expect(await reachability.testFirst(sampleNode(999), '203.0.113.1', 0)).toBeNull();
  let done = false;
  void all.then(() => {
    done = true;
  });
  while (!done) {
    for (const answer of waiting.splice(0)) answer();
    await new Promise(setImmediate);
  }
  expect(many.every((node) => reachability.isReachable(node))).toBe(true);
});

test('newcomers that do not answer leave room for the tests of those who are known', async () => {
  const silence = Promise.withResolvers<boolean>();
  const reach = ({ httpsPort }: AdmittedNode) =>
    httpsPort === one.httpsPort ? Promise.resolve(true) : silence.promise;
  const reachability = new Reachability({ reach, close: async () => {} }, 100);
  const newcomers = Array.from({ length: 40 }, (_, index) =>
    reachability.testFirst(sampleNode(100 + index), `203.0.113.${index}`, 0),
  );
  reachability.advance([one], 0);
  await new Promise(setImmediate);
  expect(reachability.isReachable(one)).toBe(true);
  silence.resolve(false);
  const answers = await Promise.all(newcomers);
  expect(answers.filter((answer) => answer === null)).toHaveLength(16);
  expect(await reachability.testFirst(one, '203.0.113.1', 0)).toBe(true);
});

test('neither many newcomers of one address nor a node that moves on and on take the places of others', async () => {
  const silence = Promise.withResolvers<boolean>();
  let asked = 0;
  const reach = ({ httpsPort }: AdmittedNode) => {
    asked++;
    return httpsPort === one.httpsPort ? Promise.resolve(true) : silence.promise;
  };
  const reachability = new Reachability({ reach, close: async () => {} }, 100);
  const newcomers = Array.from({ length: 40 }, (_, index) =>
    reachability.testFirst(sampleNode(100 + index), '203.0.113.9', 0),
  );
  expect(asked).toBe(12);
  for (let port = 1; port < 40; port++) reachability.advance([{ ...two, httpsPort: port }], 0);
  expect(asked).toBe(13);
  expect(await reachability.testFirst(one, '203.0.113.1', 0)).toBe(true);
  silence.resolve(false);
  expect((await Promise.all(newcomers)).filter((answer) => answer === null)).toHaveLength(28);
  await reachability.settled();
  reachability.advance([{ ...two, httpsPort: one.httpsPort }], 200);
  await reachability.settled();
  expect(reachability.isReachable({ ...two, httpsPort: one.httpsPort })).toBe(true);
});
