import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';

/** What drawing up a schedule needs. */
export interface TestScheduleOptions {
  /** Mean time between two tests, ms: 10 s on the network. */
  readonly interval: number;
  /** Evenly distributed, from 0 up to but not including 1. */
  readonly uniform: () => number;
  /** ms of a clock that never goes back, at the start. */
  readonly now: number;
}

/** Nodes that failed before and are tested again in one tick at most. */
const RETESTS_PER_TICK = 4;
/** Of the interval. */
const DEVIATION = 0.3;
/** The longest time until a failing node is tested again, in intervals. */
const LONGEST_PAUSE = 12;

interface Failing {
  failures: number;
  nextTest: number;
}

/**
 * Which nodes are to be tested when (node-network §9): one at a time in an order that is drawn anew for each round over
 * all nodes, and those that failed again and again, after ever longer pauses. Times are ms of any clock.
 */
export class TestSchedule {
  readonly #interval: number;
  readonly #uniform: () => number;
  readonly #failing = new Map<string, Failing>();
  #queue: string[] = [];
  #nextTest: number;

  constructor({ interval, uniform, now }: TestScheduleOptions) {
    this.#interval = interval;
    this.#uniform = uniform;
    this.#nextTest = now + this.#pause();
  }

  /** The nodes to test now; `nodes` are all that can be tested. To be called every 200 ms or so. */
  due(now: number, nodes: readonly NodeRecord[]): NodeRecord[] {
    const again = [...this.#failing].filter(([, { nextTest }]) => now >= nextTest).slice(0, RETESTS_PER_TICK);
    // Nearly always; a list has thousands of nodes.
    if (now < this.#nextTest && again.length === 0) return [];
    const byKey = new Map(nodes.map((node) => [bytesToHex(node.ed25519Key), node]));
    for (const key of this.#failing.keys()) if (!byKey.has(key)) this.#failing.delete(key);
    const chosen: NodeRecord[] = [];
    if (now >= this.#nextTest) {
      this.#nextTest = now + this.#pause();
      const next = this.#draw(byKey);
      if (next) chosen.push(next);
    }
    for (const [key, failing] of again) {
      const node = byKey.get(key);
      if (node) chosen.push(node);
      // Not again before there is an outcome.
      failing.nextTest = Number.POSITIVE_INFINITY;
    }
    return chosen;
  }

  /** A test was passed: the node is not failing any more. */
  passed({ ed25519Key }: NodeRecord): void {
    this.#failing.delete(bytesToHex(ed25519Key));
  }

  /** A test was failed at this time; the node is tested again soon. */
  failed({ ed25519Key }: NodeRecord, now: number): void {
    const key = bytesToHex(ed25519Key);
    const failures = this.#failing.get(key)?.failures ?? 0;
    const pause = Math.min(LONGEST_PAUSE * this.#interval, failures * this.#interval + this.#pause());
    this.#failing.set(key, { failures: failures + 1, nextTest: now + pause });
  }

  #draw(byKey: ReadonlyMap<string, NodeRecord>): NodeRecord | undefined {
    for (let round = 0; round < 2; round++) {
      while (this.#queue.length > 0) {
        const key = this.#queue.pop()!;
        if (byKey.has(key) && !this.#failing.has(key)) return byKey.get(key);
      }
      this.#queue = this.#shuffled([...byKey.keys()]);
    }
    return undefined;
  }

  /** Normally distributed around the interval. */
  #pause(): number {
    // Box and Muller; 1 − u is never 0.
    const normal = Math.sqrt(-2 * Math.log(1 - this.#uniform())) * Math.cos(2 * Math.PI * this.#uniform());
    return Math.max(0, this.#interval * (1 + DEVIATION * normal));
  }

  #shuffled(keys: string[]): string[] {
    for (let index = keys.length - 1; index > 0; index--) {
      const draw = Math.floor(this.#uniform() * (index + 1));
      [keys[index], keys[draw]] = [keys[draw]!, keys[index]!];
    }
    return keys;
  }
}
