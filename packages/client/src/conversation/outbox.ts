import { WireError } from '@sotto/wire';
import type { Account } from '@sotto/wire/account';
import { sealMessage } from '@sotto/wire/message';
import type { Change, EngineError, FailureReason } from '../engine.ts';
import { type SwarmAccess, SwarmFailure } from '../network/swarm-access.ts';
import type { OutboxEntry } from '../store/outbox-table.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { jittered, type Surroundings, timeUntil } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { ChangeFeed } from './change-feed.ts';
import { INBOX_NAMESPACE } from './inbox.ts';
import { storeCall } from './mailbox-calls.ts';

/** The queue of copies for our own devices; conversations are queues named by the other account's id. */
const COPIES_QUEUE = 'copies';

/** Lifetime of messages on nodes (messages §5.18). */
const MESSAGE_TTL_MS = 1_209_600_000;

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 300_000;
const PAUSE_JITTER = 0.2;
/** After this long with a network but without success a message fails, and the person decides. */
const GIVE_UP_AFTER_MS = 86_400_000;
/** And not before so many attempts: for most of that time the machine may have slept, or its clock have jumped. */
const LEAST_ATTEMPTS = 100;
/** How many queues send at the same time. */
const CONCURRENCY = 4;
const NEVER_MS = 3_600_000;
/** After a failure of the database itself. */
const DATABASE_PAUSE_MS = 30_000;

/** What the outbox works with. */
export interface OutboxParts extends Surroundings {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly swarms: SwarmAccess;
  readonly feed: ChangeFeed;
}

/**
 * Sends what waits in the database: each queue in order, one entry after another; queues beside each other. An entry
 * leaves the database only together with the record of its success or failure, so that after a crash it is sent
 * again, with the same timestamp by which receivers know it (messages §5.1).
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #wakeUp = new WakeUp();
  readonly #busy = new Map<string, Promise<void>>();

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Something new waits. */
  poke(): void {
    this.#wakeUp.call();
  }

  /** Works until the signal aborts; resolves when nothing runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, swarms, clock, log } = this.#parts;
    let isReset = false;
    let wasConnected = false;
    const stopListening = swarms.onConnection(() => this.poke());
    while (!signal.aborted) {
      let pause = NEVER_MS;
      try {
        if (!isReset) store.messages.resetSending();
        isReset = true;
        const connected = swarms.isConnected();
        if (connected && !wasConnected) store.outbox.wake();
        wasConnected = connected;
        if (connected) pause = this.#startDue(signal);
      } catch (error) {
        log.warn({ code: (error as EngineError).code }, 'the outbox cannot work');
        pause = DATABASE_PAUSE_MS;
      }
      await this.#wakeUp.sleep(pause, clock, signal);
    }
    stopListening();
    await Promise.all(this.#busy.values());
  }

  /** Starts what may be sent now; gives the time until the next entry is due, ms. */
  #startDue(signal: AbortSignal): number {
    let pause = NEVER_MS;
    for (const entry of this.#parts.store.outbox.heads()) {
      if (this.#busy.has(entry.queue)) continue;
      const rest = timeUntil(entry.nextAttemptAt, 2 * LONGEST_PAUSE_MS, this.#parts.clock);
      if (rest > 0) pause = Math.min(pause, rest);
      else if (this.#busy.size < CONCURRENCY) this.#start(entry, signal);
    }
    return pause;
  }

  #start(entry: OutboxEntry, signal: AbortSignal): void {
    const work = this.#attempt(entry, signal)
      .catch((error: unknown) => {
        this.#parts.log.warn({ code: (error as EngineError).code }, 'an attempt to send could not be recorded');
        return this.#parts.clock.sleep(DATABASE_PAUSE_MS, signal);
      })
      .finally(() => {
        this.#busy.delete(entry.queue);
        this.#wakeUp.call();
      });
    this.#busy.set(entry.queue, work);
  }

  async #attempt(entry: OutboxEntry, signal: AbortSignal): Promise<void> {
    const { store, swarms, feed } = this.#parts;
    if (entry.messageId !== null) {
      feed.emit({ kind: 'message', message: store.messages.setDelivery(entry.messageId, 'sending') });
    }
    try {
      const { hash } = await swarms.send(entry.recipient, this.#call(entry), signal);
      this.#recordSuccess(entry, hash);
    } catch (error) {
      this.#recordFailure(entry, error);
    }
  }

  #call({ content, sentAt, recipient }: OutboxEntry) {
    const { account, random, swarms } = this.#parts;
    const members = swarms.members(recipient);
    const seal = () => sealMessage({ content, timestamp: sentAt, sender: account, recipient, random });
    return storeCall({ accountId: recipient, members, namespace: INBOX_NAMESPACE, ttl: MESSAGE_TTL_MS, seal });
  }

  #recordSuccess(entry: OutboxEntry, hash: string): void {
    const { store, account, swarms, feed } = this.#parts;
    const changes = store.transaction((): Change[] => {
      // Its own copy may have confirmed it in the meantime.
      if (!store.outbox.get(entry.id)) return [];
      store.outbox.remove(entry.id);
      if (entry.recipient === account.accountId) {
        store.seen.add(INBOX_NAMESPACE, hash, swarms.now() + MESSAGE_TTL_MS);
      }
      if (entry.copy !== null) {
        const { copy, sentAt } = entry;
        store.outbox.add({
          queue: COPIES_QUEUE,
          recipient: account.accountId,
          content: copy,
          sentAt,
          messageId: null,
          copy: null,
        });
      }
      if (entry.messageId === null) return [];
      return [{ kind: 'message', message: store.messages.setDelivery(entry.messageId, 'stored') }];
    });
    feed.emit(...changes);
  }

  #recordFailure(entry: OutboxEntry, error: unknown): void {
    const { clock, random, log, store } = this.#parts;
    const reason = failureOf(error);
    if (reason === 'stopped') return;
    log.info({ reason, attempts: entry.attempts + 1 }, 'an attempt to send failed');
    const now = clock.now();
    const unreachableSince = reason === 'network-unreachable' ? (entry.unreachableSince ?? now) : null;
    const isTriedOut = entry.attempts >= LEAST_ATTEMPTS && unreachableSince !== null;
    const isFinal =
      (reason !== 'network-unreachable' && reason !== 'offline') ||
      (isTriedOut && now - unreachableSince >= GIVE_UP_AFTER_MS);
    if (isFinal) {
      this.#giveUp(entry, reason);
      return;
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(entry.attempts, 20), LONGEST_PAUSE_MS);
    const attempts = entry.attempts + 1;
    store.transaction(() => {
      const nextAttemptAt = now + jittered(pause, PAUSE_JITTER, random);
      store.outbox.record(entry.id, { attempts, unreachableSince, nextAttemptAt });
      this.#setState(entry, 'waiting', null);
    });
    this.#announce(entry);
  }

  #giveUp(entry: OutboxEntry, reason: FailureReason): void {
    const { store } = this.#parts;
    store.transaction(() => {
      if (!store.outbox.get(entry.id)) return;
      store.outbox.remove(entry.id);
      this.#setState(entry, 'failed', reason);
    });
    this.#announce(entry);
  }

  #setState(entry: OutboxEntry, state: 'waiting' | 'failed', reason: FailureReason | null): void {
    const { store } = this.#parts;
    if (entry.messageId === null || store.messages.get(entry.messageId)?.delivery === 'stored') return;
    store.messages.setDelivery(entry.messageId, state, reason);
  }

  #announce({ messageId }: OutboxEntry): void {
    const message = messageId === null ? null : this.#parts.store.messages.get(messageId);
    if (message) this.#parts.feed.emit({ kind: 'message', message });
  }
}

function failureOf(error: unknown): FailureReason | 'stopped' {
  if (error instanceof SwarmFailure) return error.reason === 'unreachable' ? 'network-unreachable' : error.reason;
  // Sealing refused it: too large to be stored, or an account id that no key belongs to.
  if (error instanceof WireError) return error.code === 'key' ? 'refused' : 'too-long';
  throw error;
}
