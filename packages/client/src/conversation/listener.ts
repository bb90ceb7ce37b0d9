import type { Random } from '@sotto/wire/bytes';
import { type SwarmAccess, SwarmFailure, type SwarmNode } from '../network/swarm-access.ts';
import { type Clock, jittered, type Logger } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { Batch, MailboxReader } from './mailbox-reader.ts';

/** How long a node is asked to hold its answer, ms, ± 10 %: at most 25 s, which every relay on the way bears (waiting §1). */
const WAIT_MS = 22_500;
const WAIT_JITTER = 0.1;
/** An empty answer that comes sooner than this says that the node did not wait, whatever it announces. */
const LEAST_WAIT_MS = 15_000;
/** How long one node is listened to before another one is, ms, ± 20 %: it may keep messages to itself. */
const STAY_MS = 180_000;
const STAY_JITTER = 0.2;
/** Answers in a row that bring only what is known (copies of what we send ourselves do) before the node counts as failed. */
const MOST_STALE = 100;
/** How often `more` is followed at once; a node that always has more must not keep us busy for ever. */
const MOST_ROUNDS = 50;
/** The pause after the second failure in a row, ms, ± 20 %; it doubles up to the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
const PAUSE_JITTER = 0.2;
/** Where nobody waits yet, the poller says when to look again. */
const LONG_MS = 3_600_000;

/** What the listener works with. */
export interface ListenerParts {
  readonly accountId: string;
  readonly swarms: SwarmAccess;
  readonly reader: MailboxReader;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Called when nobody tells us of new messages any more. */
  readonly onSilence: () => void;
}

/** A node does not do what it announces; another one may. */
class NotWaiting extends Error {}

/**
 * Hears of new messages at once: one request always waits at a node of the own swarm, over a route of its own so that it
 * blocks nothing (waiting §3).
 */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #wakeUp = new WakeUp();
  /** When nodes failed us last, local ms, by their keys. */
  readonly #failedAt = new Map<string, number>();
  #restart = new AbortController();
  #isTold = false;
  /** In a row, without a request that waited in between. */
  #failures = 0;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Does a node tell us of new messages now? */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** Nodes have been asked what they can do: perhaps there is one to listen to. */
  look(): void {
    if (!this.#isTold) this.#wakeUp.call();
  }

  /** Whatever waits now is given up and begun anew. */
  restart(): void {
    this.#restart.abort();
  }

  /** Works until the signal aborts; resolves when nothing runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts;
    let last: SwarmNode | null = null;
    while (!signal.aborted) {
      const node = this.#choose(last);
      if (!node) {
        await this.#wakeUp.sleep(LONG_MS, clock, signal);
        continue;
      }
      last = node;
      if (await this.#stay(node, signal)) continue;
      this.#failedAt.set(node.key, clock.now());
      // The first time another node is tried at once.
      if (this.#failures++ === 0) continue;
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 2, 10), LONGEST_PAUSE_MS);
      await clock.sleep(jittered(pause, PAUSE_JITTER, random), signal);
    }
    this.#isTold = false;
  }

  /** A member that waits, if there is one: not the last one, and rather one that has not failed lately. */
  #choose(last: SwarmNode | null): SwarmNode | null {
    const { swarms, reader, accountId } = this.#parts;
    if (!swarms.isConnected()) return null;
    const able = swarms.members(accountId).filter((node) => reader.canWait(node));
    const failedAt = ({ key }: SwarmNode) => this.#failedAt.get(key) ?? 0;
    const others = able.filter(({ key }) => key !== last?.key).sort((a, b) => failedAt(a) - failedAt(b));
    return others[0] ?? able[0] ?? null;
  }

  /** Listens to one node until another one has its turn; false if it failed. */
  async #stay(node: SwarmNode, signal: AbortSignal): Promise<boolean> {
    const { clock, random, log } = this.#parts;
    this.#restart = new AbortController();
    const both = AbortSignal.any([signal, this.#restart.signal]);
    const until = clock.now() + jittered(STAY_MS, STAY_JITTER, random);
    try {
      await this.#catchUp(node, both);
      this.#isTold = true;
      for (let stale = 0; clock.now() < until; ) {
        const isStale = await this.#wait(node, both);
        stale = isStale ? stale + 1 : 0;
        if (stale > MOST_STALE) throw new NotWaiting();
      }
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      this.#isTold = false;
      this.#parts.onSilence();
      if (this.#restart.signal.aborted) return true;
      const { code, reason } = error as { code?: unknown; reason?: unknown };
      const isExpected = error instanceof SwarmFailure || error instanceof NotWaiting;
      if (isExpected) log.debug({ reason }, 'a node did not tell of new messages');
      else log.warn({ code }, 'could not take messages');
      return false;
    }
  }

  /** Reads all that the node has, which also shows that it and the route work. */
  async #catchUp(node: SwarmNode, signal: AbortSignal): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const batch = await this.#parts.reader.readApart(node, 0, signal);
      await this.#take(batch, signal);
      if (!batch.more) return;
    }
    throw new NotWaiting();
  }

  /** One request that waits. True if it brought nothing that was not known. */
  async #wait(node: SwarmNode, signal: AbortSignal): Promise<boolean> {
    const { reader, clock, random } = this.#parts;
    const began = clock.now();
    const batch = await reader.readApart(node, jittered(WAIT_MS, WAIT_JITTER, random), signal);
    const fresh = await this.#take(batch, signal);
    if (batch.isEmpty && clock.now() - began < LEAST_WAIT_MS) throw new NotWaiting();
    const isStale = !batch.isEmpty && fresh === 0;
    if (!isStale) this.#failures = 0;
    return isStale;
  }

  async #take(batch: Batch, signal: AbortSignal): Promise<number> {
    const fresh = await this.#parts.reader.take([batch], signal);
    if (signal.aborted) throw new SwarmFailure('stopped');
    return fresh;
  }
}
