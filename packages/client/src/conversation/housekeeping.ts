import type { EngineError } from '../engine.ts';
import type { SwarmAccess } from '../network/swarm-access.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Surroundings } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { ChangeFeed } from './change-feed.ts';
import { REMEMBER_AT_MOST_MS } from './mailbox-namespace.ts';
import { removeMessage } from './removal.ts';
import { Touched } from './touched.ts';

/** Messages removed in one transaction. */
const MOST_AT_ONCE = 200;
/** Machines sleep and clocks get set; so nobody waits longer than this without looking. */
const LONGEST_PAUSE_MS = 60_000;
const DATABASE_PAUSE_MS = 30_000;
const PRUNE_EVERY_MS = 3_600_000;

/** What it works with. */
export interface HousekeepingParts extends Surroundings {
  readonly store: ProfileStore;
  readonly feed: ChangeFeed;
  readonly swarms: Pick<SwarmAccess, 'isConnected'>;
  /** Network time, ms. */
  readonly networkTime: () => number;
  /** There may be files to remove. */
  readonly onWork: () => void;
}

/**
 * Removes messages whose time has come, also those whose time came while nothing ran (messages §5.13), and forgets what
 * was remembered for messages that can no longer come.
 */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  readonly #wakeUp = new WakeUp();
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
  }

  /** Another message may be the next. */
  poke(): void {
    this.#wakeUp.call();
  }

  /** Works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    while (!signal.aborted) {
      let pause = DATABASE_PAUSE_MS;
      try {
        this.#prune();
        pause = this.#removeDue();
      } catch (error) {
        log.warn({ code: (error as EngineError).code }, 'messages cannot disappear');
      }
      await this.#wakeUp.sleep(pause, clock, signal);
    }
  }

  /** @returns the time until the next one is due, ms. */
  #removeDue(): number {
    const { store, feed, networkTime, onWork } = this.#parts;
    const now = networkTime();
    const due = store.messages.expired(now, MOST_AT_ONCE);
    if (due.length > 0) {
      const touched = new Touched();
      store.transaction(() => {
        for (const message of due) removeMessage(message, store, touched, now + REMEMBER_AT_MOST_MS);
      });
      feed.emit(...touched.changes(store));
      onWork();
      return 0;
    }
    const next = store.messages.nextExpiry();
    return next === null ? LONGEST_PAUSE_MS : Math.min(Math.max(next - now, 0), LONGEST_PAUSE_MS);
  }

  #prune(): void {
    const { store, clock, networkTime, swarms } = this.#parts;
    // Before the network has told the time, a clock that is wrong could make us forget what must not come back.
    if (!swarms.isConnected() || Math.abs(clock.now() - this.#prunedAt) < PRUNE_EVERY_MS) return;
    this.#prunedAt = clock.now();
    const now = networkTime();
    const before = now - REMEMBER_AT_MOST_MS;
    store.transaction(() => {
      store.tombstones.prune(now, before);
      store.reactions.prune(before, now);
      store.earlyAnswers.prune(before);
      store.earlyReceipts.prune(before);
      store.calls.prune(before);
      store.versions.prune(before);
      store.contactTokens.prune(now);
    });
  }
}
