import type { Account } from '@sotto/wire/account';
import { type SwarmAccess, SwarmFailure, type SwarmNode } from '../network/swarm-access.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Clock, Logger } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { Activity } from './activity.ts';
import { INBOX_NAMESPACE, type Inbox, REMEMBER_AT_MOST_MS } from './inbox.ts';
import { type Retrieved, retrieveCall } from './mailbox-calls.ts';

/** How many nodes of the own swarm are asked at once, so that one of them alone can hold nothing back. */
const NODES_PER_POLL = 2;
/** How often `more` is followed at once; a node that always has more must not keep us busy for ever. */
const MOST_ROUNDS = 50;
/** Messages worked on before others get their turn. */
const CHUNK = 20;
const PRUNE_EVERY_MS = 3_600_000;
/** A cursor outlives its message by this, so that a node whose clock is behind still knows it. */
const CURSOR_GRACE_MS = 86_400_000;

/** What the poller works with. */
export interface PollerParts {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly swarms: SwarmAccess;
  readonly inbox: Inbox;
  readonly activity: Activity;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One node's part of a poll. */
interface Batch extends Retrieved {
  readonly node: SwarmNode;
}

/** Asks the own swarm for new messages again and again; one poll at a time (onion-requests §5.3). */
export class Poller {
  readonly #parts: PollerParts;
  readonly #wakeUp = new WakeUp();
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: PollerParts) {
    this.#parts = parts;
    parts.activity.onBegin(() => this.#wakeUp.call());
  }

  /** Works until the signal aborts; resolves when nothing runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { swarms, activity, clock } = this.#parts;
    let wasConnected = swarms.isConnected();
    const stopListening = swarms.onConnection(() => {
      if (swarms.isConnected() && !wasConnected) this.#wakeUp.call();
      wasConnected = swarms.isConnected();
    });
    while (!signal.aborted) {
      if (swarms.isConnected()) await this.#pollSafely(signal);
      await this.#wakeUp.sleep(activity.pause(), clock, signal);
    }
    stopListening();
  }

  async #pollSafely(signal: AbortSignal): Promise<void> {
    try {
      this.#prune();
      await this.poll(signal);
    } catch (error) {
      const { code, reason } = error as { code?: unknown; reason?: unknown };
      if (!signal.aborted) this.#parts.log.warn({ code, reason }, 'could not take messages');
    }
  }

  /** One poll, with everything that the nodes have for us. @throws EngineError if the database fails. */
  async poll(signal: AbortSignal): Promise<void> {
    const { swarms, account } = this.#parts;
    const nodes = swarms.members(account.accountId).slice(0, NODES_PER_POLL);
    let asking: readonly SwarmNode[] = nodes;
    for (let round = 0; round < MOST_ROUNDS && asking.length > 0 && !signal.aborted; round++) {
      const batches = (await Promise.all(asking.map((node) => this.#fetch(node, signal)))).filter(
        (batch) => batch !== null,
      );
      await this.#take(batches, signal);
      asking = batches.filter(({ more, last }) => more && last !== null).map(({ node }) => node);
    }
  }

  async #fetch(node: SwarmNode, signal: AbortSignal): Promise<Batch | null> {
    const { swarms, store, account, log } = this.#parts;
    const lastHash = store.cursors.get(node.key, account.accountId, INBOX_NAMESPACE);
    try {
      const call = retrieveCall({ account, namespace: INBOX_NAMESPACE, lastHash });
      const retrieved = await swarms.ask(account.accountId, node, call, signal);
      // Following `more` must lead on, or it leads nowhere.
      return { ...retrieved, node, more: retrieved.more && retrieved.last?.hash !== lastHash };
    } catch (error) {
      if (!(error instanceof SwarmFailure)) throw error;
      log.debug({ reason: error.reason }, 'a node of the own swarm did not give its messages');
      return null;
    }
  }

  async #take(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const { store, account, inbox, swarms, activity } = this.#parts;
    const merged = new Map(batches.flatMap(({ messages }) => messages).map((message) => [message.hash, message]));
    const messages = [...merged.values()].sort((a, b) => a.timestamp - b.timestamp);
    for (let start = 0; start < messages.length; start += CHUNK) {
      if (signal.aborted) return;
      if (inbox.take(messages.slice(start, start + CHUNK), swarms.now()) > 0) activity.note();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    // Only now: what was not dealt with before a crash must come again.
    store.transaction(() => {
      for (const { node, last } of batches) {
        if (!last) continue;
        const expiresAt = Math.min(last.expiresAt, swarms.now() + REMEMBER_AT_MOST_MS) + CURSOR_GRACE_MS;
        store.cursors.set(node.key, account.accountId, INBOX_NAMESPACE, last.hash, expiresAt);
      }
    });
  }

  #prune(): void {
    const { store, clock, swarms } = this.#parts;
    if (clock.now() - this.#prunedAt < PRUNE_EVERY_MS) return;
    this.#prunedAt = clock.now();
    store.seen.prune(swarms.now());
    store.cursors.prune(swarms.now());
  }
}
