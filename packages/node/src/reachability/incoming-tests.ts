import type { Log } from '../log.ts';

/** The ways in which other nodes test us. */
export type TestKind = 'https' | 'omq' | 'quic';

const NAMES = { https: 'HTTPS', omq: 'OxenMQ', quic: 'QUIC' } as const satisfies Record<TestKind, string>;

/** Without a test for so long something is probably wrong: a firewall, a port that is not forwarded (node-network §9). */
const QUIET_MS = 120_000;

/** Remembers when other nodes tested us last, and says so in the log if they do not. */
export class IncomingTests {
  readonly #log: Log;
  readonly #last: Map<TestKind, number>;
  readonly #warned = new Map<TestKind, number>();
  /** Until then there was nobody who could have tested us. */
  #aloneUntil: number;

  /** @param now ms of a clock that never goes back. */
  constructor(kinds: readonly TestKind[], log: Log, now: number) {
    this.#log = log;
    this.#last = new Map(kinds.map((kind) => [kind, now]));
    this.#aloneUntil = now;
  }

  /** Another node has tested us in this way. */
  arrived(kind: TestKind, now: number): void {
    this.#last.set(kind, now);
    if (!this.#warned.delete(kind)) return;
    this.#log.info({}, `Other nodes reach this node by ${NAMES[kind]} again.`);
  }

  /** Nobody is there to test us, or nobody would: that nobody does is as it should be. */
  alone(now: number): void {
    this.#aloneUntil = now;
    this.#warned.clear();
  }

  /** Warns of every kind that has been missing for 2 min, every 2 min. To be called now and then. */
  check(now: number): void {
    for (const [kind, last] of this.#last) {
      const since = Math.max(last, this.#aloneUntil);
      if (now - Math.max(since, this.#warned.get(kind) ?? 0) < QUIET_MS) continue;
      this.#warned.set(kind, now);
      const minutes = Math.round((now - since) / 60_000);
      const advice = 'Check that its port can be reached from outside.';
      this.#log.warn(
        { code: 'untested' },
        `No other node has tested us by ${NAMES[kind]} for ${minutes} min. ${advice}`,
      );
    }
  }

  /** ms since the last test of each kind; before the first one, since the start. */
  ages(now: number): Partial<Record<TestKind, number>> {
    return Object.fromEntries([...this.#last].map(([kind, last]) => [kind, now - last]));
  }
}
