import type { NodeList, NodeSource } from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import { isContactable, type NodeRecord } from '@sotto/wire/nodes';
import { NO_SWARM } from '@sotto/wire/swarm';
import type { Log } from '../log.ts';
import { repeat } from '../timers.ts';
import type { IncomingTests } from './incoming-tests.ts';
import type { TestBook } from './test-book.ts';
import { TestSchedule } from './test-schedule.ts';

/** One part of a test; never rejects, and ends soon after the signal aborts. */
export type TestPart = (node: NodeRecord, signal: AbortSignal) => Promise<boolean>;

/** What testing other nodes needs. */
export interface NodeTesterOptions {
  readonly source: NodeSource;
  readonly ownKey: Uint8Array;
  /** All have to pass. */
  readonly parts: readonly TestPart[];
  readonly book: TestBook;
  readonly incoming: IncomingTests;
  /** Takes every outcome to whom it concerns; never rejects. */
  readonly report: (node: NodeRecord, passed: boolean) => Promise<void>;
  /** Mean time between two tests, ms. */
  readonly interval: number;
  /** Unix ms. */
  readonly now: () => number;
  /** ms of a clock that never goes back. */
  readonly monotonicNow: () => number;
  readonly uniform: () => number;
  readonly log: Log;
}

const TICK_MS = 200;

/**
 * Tests whether other nodes can be reached, as long as this node is active, and reports what it finds (node-network §9).
 * Resolves when the signal aborts and no test runs any more; never rejects.
 */
export async function testNodes(options: NodeTesterOptions, signal: AbortSignal): Promise<void> {
  const { source, ownKey, book, incoming, interval, monotonicNow, uniform } = options;
  const schedule = new TestSchedule({ interval, uniform, now: monotonicNow() });
  const running = new Set<Promise<void>>();
  const stop = source.onChange(({ nodes }) => book.keep(nodes));
  let known: NodeList | null = null;
  let others: readonly NodeRecord[] = [];
  let hasTesters = false;
  await repeat(
    () => {
      const list = source.current();
      const own = list?.node(ownKey);
      if (list !== known) {
        known = list;
        others = list?.nodes.filter((node) => isContactable(node) && !equalBytes(node.ed25519Key, ownKey)) ?? [];
        hasTesters = others.some(({ swarmId }) => swarmId !== NO_SWARM);
      }
      if (own && hasTesters) incoming.check(monotonicNow());
      else incoming.alone(monotonicNow());
      if (!own || own.swarmId === NO_SWARM) return;
      for (const node of schedule.due(monotonicNow(), others)) {
        const test = testNode(node, schedule, options, signal).finally(() => running.delete(test));
        running.add(test);
      }
    },
    Math.min(TICK_MS, interval / 2),
    signal,
  );
  stop();
  await Promise.all(running);
}

async function testNode(
  node: NodeRecord,
  schedule: TestSchedule,
  { parts, book, report, now, monotonicNow, log }: NodeTesterOptions,
  signal: AbortSignal,
): Promise<void> {
  const results = await Promise.all(parts.map((test) => test(node, signal)));
  // What we broke off ourselves says nothing.
  if (signal.aborted) return;
  const passed = results.every(Boolean);
  if (passed) schedule.passed(node);
  else schedule.failed(node, monotonicNow());
  book.enter(node, passed, now());
  if (!passed) log.debug({ node: bytesToHex(node.ed25519Key) }, 'A node failed a test.');
  await report(node, passed);
}
