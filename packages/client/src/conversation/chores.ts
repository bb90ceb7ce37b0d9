import type { Account } from '@sotto/wire/account';
import type { EngineError } from '../engine.ts';
import { type SwarmAccess, SwarmFailure } from '../network/swarm-access.ts';
import type { Chore } from '../store/chore-table.ts';
import type { MessageRecord } from '../store/message-record.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { jittered, type Surroundings, timeUntil } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { ChangeFeed } from './change-feed.ts';
import { type ChoreOutcome, deleteCall, expireCall } from './chore-calls.ts';
import { MESSAGE_TTL_MS } from './lifetimes.ts';
import { REMEMBER_AT_MOST_MS } from './mailbox-namespace.ts';
import { removeMessage } from './removal.ts';
import { Touched } from './touched.ts';

/** How many hashes go into one request. */
const MOST_AT_ONCE = 100;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;
const PAUSE_JITTER = 0.2;
/** If some nodes do not confirm even so often, the others will tell them, and time will. */
const MOST_ATTEMPTS_FOR_ALL = 4;
const NEVER_MS = 3_600_000;
const DATABASE_PAUSE_MS = 30_000;

/** What the chores work with. */
export interface ChoreParts extends Surroundings {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly swarms: SwarmAccess;
  readonly feed: ChangeFeed;
}

/** Has our own mailbox delete messages and forget others earlier, again and again until it has. */
export class Chores {
  readonly #parts: ChoreParts;
  readonly #wakeUp = new WakeUp();

  constructor(parts: ChoreParts) {
    this.#parts = parts;
  }

  /** Something new is to do. */
  poke(): void {
    this.#wakeUp.call();
  }

  /** Works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { swarms, clock, log } = this.#parts;
    const stopListening = swarms.onConnection(() => this.poke());
    let wasConnected = false;
    while (!signal.aborted) {
      let pause = NEVER_MS;
      try {
        const isConnected = swarms.isConnected();
        if (isConnected && !wasConnected) this.#parts.store.chores.wake();
        wasConnected = isConnected;
        if (isConnected) pause = await this.#work(signal);
      } catch (error) {
        log.warn({ code: (error as EngineError).code }, 'the chores cannot work');
        pause = DATABASE_PAUSE_MS;
      }
      await this.#wakeUp.sleep(pause, clock, signal);
    }
    stopListening();
  }

  /** Does what is due; gives the time until the next is, ms. */
  async #work(signal: AbortSignal): Promise<number> {
    const { store, clock } = this.#parts;
    while (!signal.aborted) {
      const due = store.chores.due(clock.now(), MOST_AT_ONCE);
      if (due.length === 0) break;
      await this.#attempt(due, signal);
    }
    const next = store.chores.nextAttemptAt();
    return next === null
      ? NEVER_MS
      : Math.min(timeUntil(next, 2 * LONGEST_PAUSE_MS, clock) || FIRST_PAUSE_MS, NEVER_MS);
  }

  async #attempt(due: readonly Chore[], signal: AbortSignal): Promise<void> {
    const { account, swarms, log } = this.#parts;
    const now = swarms.now();
    // Nodes take no time that has passed; what is over they have forgotten anyway.
    const [over, chores] = partition(due, ({ kind, expiresAt }) => kind === 'shorten' && expiresAt <= now);
    for (const chore of over) this.#parts.store.chores.remove(chore);
    if (chores.length === 0) return;
    const hashes = chores.map(({ hash }) => hash);
    const members = swarms.members(account.accountId);
    const call =
      chores[0]!.kind === 'delete'
        ? deleteCall(account, members, hashes)
        : expireCall(
            account,
            members,
            hashes,
            chores.map(({ expiresAt }) => expiresAt),
            'shorten',
          );
    try {
      this.#record(chores, await swarms.send(account.accountId, call, signal));
    } catch (error) {
      if (!(error instanceof SwarmFailure)) throw error;
      if (error.reason === 'stopped') return;
      log.info({ reason: error.reason }, 'a chore for the own mailbox failed');
      for (const chore of chores) {
        if (error.reason === 'refused') this.#parts.store.chores.remove(chore);
        else this.#postpone(chore);
      }
    }
  }

  #record(chores: readonly Chore[], { confirmed, of, unknown }: ChoreOutcome): void {
    const { store, feed } = this.#parts;
    const touched = new Touched();
    store.transaction(() => {
      for (const chore of chores) {
        const { kind, messageId, attempts, hash } = chore;
        const isDone = kind === 'delete' ? confirmed >= of || attempts >= MOST_ATTEMPTS_FOR_ALL : confirmed > 0;
        if (isDone) store.chores.remove(chore);
        else this.#postpone(chore);
        const message = messageId === null ? null : store.messages.get(messageId);
        if (kind === 'delete' && messageId !== null) {
          store.chores.reportNodes(messageId, confirmed, of);
          if (message) touched.message(message.id);
        }
        // A message that no node knows any more has disappeared elsewhere (messages §5.13).
        if (kind === 'shorten' && message && unknown.has(hash) && this.#shouldBeThere(message)) {
          removeMessage(message, store, touched, this.#forgottenAt());
        }
      }
    });
    feed.emit(...touched.changes(store));
  }

  /** Nodes forget what was read late by themselves. */
  #shouldBeThere({ placedAt }: MessageRecord): boolean {
    return placedAt + MESSAGE_TTL_MS > this.#parts.swarms.now();
  }

  #forgottenAt(): number {
    return this.#parts.swarms.now() + REMEMBER_AT_MOST_MS;
  }

  #postpone(chore: Chore): void {
    const { store, clock, random } = this.#parts;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(chore.attempts, 10), LONGEST_PAUSE_MS);
    store.chores.postpone(chore, clock.now() + jittered(pause, PAUSE_JITTER, random));
  }
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
