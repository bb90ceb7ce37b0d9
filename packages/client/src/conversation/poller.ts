import type { Random } from '@sotto/wire/bytes';
import { type SwarmAccess, SwarmFailure, type SwarmNode } from '../network/swarm-access.ts';
import { runTogether } from '../run-together.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { type Clock, jittered, type Logger } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import { watchForJumps } from '../watch-for-jumps.ts';
import type { Activity } from './activity.ts';
import { Listener } from './listener.ts';
import { type Batch, MailboxReader, type ReaderParts } from './mailbox-reader.ts';

/** How many nodes of the own swarm are asked at once, so that one of them alone can hold nothing back. */
const NODES_PER_POLL = 2;
/** How often `more` is followed at once; a node that always has more must not keep us busy for ever. */
const MOST_ROUNDS = 50;
/** Between two polls while a node tells us of new messages: in case it does not tell us of all. */
const CHECK_MS = 300_000;
const CHECK_JITTER = 0.2;
const PRUNE_EVERY_MS = 3_600_000;

/** What the poller works with. */
export interface PollerParts extends ReaderParts {
  readonly store: Pick<ProfileStore, 'cursors' | 'seen' | 'transaction'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Called after every poll that a node has answered. */
  readonly onPolled: () => void;
}

/**
 * Brings what arrives in the own mailbox: a node tells us at once where nodes do that; else, and while none does, the
 * swarm is asked again and again (onion-requests §5.3, waiting §3). One poll at a time.
 */
export class Poller {
  readonly #store: PollerParts['store'];
  readonly #accountId: string;
  readonly #swarms: SwarmAccess;
  readonly #activity: Activity;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Logger;
  readonly #reader: MailboxReader;
  readonly #listener: Listener;
  readonly #onPolled: () => void;
  readonly #wakeUp = new WakeUp();
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: PollerParts) {
    this.#store = parts.store;
    this.#accountId = parts.account.accountId;
    this.#swarms = parts.swarms;
    this.#activity = parts.activity;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#log = parts.log;
    this.#onPolled = parts.onPolled;
    this.#reader = new MailboxReader(parts);
    this.#listener = new Listener({
      ...parts,
      accountId: parts.account.accountId,
      reader: this.#reader,
      onSilence: () => this.#wakeUp.call(),
    });
    parts.activity.onBegin(() => this.#wakeUp.call());
  }

  /** Works until the signal aborts; resolves when nothing runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    const swarms = this.#swarms;
    let wasConnected = swarms.isConnected();
    let members = this.#memberKeys();
    const stopListening = swarms.onConnection(() => {
      const now = this.#memberKeys();
      const isElsewhere = now !== members;
      members = now;
      if ((swarms.isConnected() && !wasConnected) || isElsewhere) this.#wakeUp.call();
      // A node that has lost the mailbox would keep us waiting for what others get.
      if ((!swarms.isConnected() && wasConnected) || isElsewhere) this.#listener.restart();
      wasConnected = swarms.isConnected();
    });
    const onJump = () => {
      this.#listener.restart();
      this.#wakeUp.call();
    };
    await runTogether(signal, [
      (both) => this.#pollAgainAndAgain(both),
      (both) => this.#listener.run(both),
      (both) => watchForJumps(this.#clock, onJump, both),
    ]);
    stopListening();
  }

  /** One poll, with everything that the nodes have for us; `false` if none answered. @throws EngineError if the database fails. */
  async poll(signal: AbortSignal): Promise<boolean> {
    let isAnswered = false;
    let asking: readonly SwarmNode[] = this.#swarms.members(this.#accountId).slice(0, NODES_PER_POLL);
    for (let round = 0; round < MOST_ROUNDS && asking.length > 0 && !signal.aborted; round++) {
      const batches = (await Promise.all(asking.map((node) => this.#read(node, signal)))).filter(
        (batch) => batch !== null,
      );
      await this.#reader.take(batches, signal);
      isAnswered ||= batches.length > 0;
      asking = batches.filter(({ more }) => more).map(({ node }) => node);
    }
    if (isAnswered && !signal.aborted) this.#onPolled();
    return isAnswered && !signal.aborted;
  }

  /** Who keeps the mailbox, as something to compare. */
  #memberKeys(): string {
    const keys = this.#swarms.members(this.#accountId).map(({ key }) => key);
    return keys.sort().join();
  }

  async #pollAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#swarms.isConnected()) await this.#pollSafely(signal);
      await this.#wakeUp.sleep(this.#pause(), this.#clock, signal);
    }
  }

  #pause(): number {
    return this.#listener.isTold ? jittered(CHECK_MS, CHECK_JITTER, this.#random) : this.#activity.pause();
  }

  async #pollSafely(signal: AbortSignal): Promise<void> {
    try {
      this.#prune();
      await this.poll(signal);
      this.#listener.look();
    } catch (error) {
      const { code, reason } = error as { code?: unknown; reason?: unknown };
      if (!signal.aborted) this.#log.warn({ code, reason }, 'could not take messages');
    }
  }

  async #read(node: SwarmNode, signal: AbortSignal): Promise<Batch | null> {
    try {
      return await this.#reader.read(node, signal);
    } catch (error) {
      if (!(error instanceof SwarmFailure)) throw error;
      this.#log.debug({ reason: error.reason }, 'a node of the own swarm did not give its messages');
      return null;
    }
  }

  #prune(): void {
    if (this.#clock.now() - this.#prunedAt < PRUNE_EVERY_MS) return;
    this.#prunedAt = this.#clock.now();
    this.#store.seen.prune(this.#swarms.now());
    this.#store.cursors.prune(this.#swarms.now());
  }
}
