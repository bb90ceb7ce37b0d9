import { ConfigError } from '@sotto/config';
import type { Account } from '@sotto/wire/account';
import type { ChangeFeed } from '../../conversation/change-feed.ts';
import { Touched } from '../../conversation/touched.ts';
import type { EngineError } from '../../engine.ts';
import { type SwarmAccess, SwarmFailure } from '../../network/swarm-access.ts';
import { jittered, type Surroundings } from '../../surroundings.ts';
import { WakeUp } from '../../wake-up.ts';
import { type PushedMessage, pushCalls, pushedMessage } from './push-call.ts';
import { type EditParts, putEdits } from './put-edits.ts';

/** After a change, so that what belongs together leaves together; and between two pushes (config §10). */
const GATHER_MS = 1_000;
const BETWEEN_MS = 5_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
const PAUSE_JITTER = 0.2;
const NEVER_MS = 3_600_000;

/** What pushing works with. */
export interface PusherParts extends EditParts, Surroundings {
  readonly account: Account;
  readonly swarms: SwarmAccess;
  readonly feed: ChangeFeed;
  /** Brings what others stored; `false` if no node answered. */
  readonly poll: (signal: AbortSignal) => Promise<boolean>;
  /** What waits to be told has become more or less. */
  readonly onPushed: () => void;
}

/** What is on its way of one config. */
interface Pushed {
  readonly namespace: number;
  readonly seqno: bigint;
  readonly hashes: readonly string[];
  readonly obsolete: readonly string[];
}

/**
 * Tells our other devices what was changed here (config §8, §10). Nothing is pushed before the mailbox has been read:
 * what is pushed upon something old may be too old to count (config §6).
 */
export class Pusher {
  readonly #parts: PusherParts;
  readonly #wakeUp = new WakeUp();
  #failures = 0;
  #pushedAt = Number.NEGATIVE_INFINITY;
  /** Configs whose messages the mailbox has lost. */
  readonly #lost = new Set<number>();

  constructor(parts: PusherParts) {
    this.#parts = parts;
  }

  /** There may be something to push. */
  poke(): void {
    this.#wakeUp.call();
  }

  /** The mailbox has lost messages of this config: it gets the same ones again (config §10). */
  putBack(namespace: number): void {
    this.#lost.add(namespace);
    this.poke();
  }

  /** Works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { swarms, clock, random } = this.#parts;
    const stopListening = swarms.onConnection(() => this.poke());
    while (!signal.aborted) {
      if (!this.#hasWork() || !swarms.isConnected()) {
        await this.#wakeUp.sleep(NEVER_MS, clock, signal);
        continue;
      }
      await clock.sleep(Math.max(GATHER_MS, this.#pushedAt + BETWEEN_MS - clock.now()), signal);
      if (signal.aborted) break;
      this.#pushedAt = clock.now();
      if (await this.#attempt(signal)) this.#failures = 0;
      else {
        const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures++, 10), LONGEST_PAUSE_MS);
        await this.#wakeUp.sleep(jittered(pause, PAUSE_JITTER, random), clock, signal);
      }
    }
    stopListening();
  }

  #hasWork(): boolean {
    const { configs, store } = this.#parts;
    const isWaiting = configs.all.some(([namespace, config]) => !config.early && this.#isWanted(namespace));
    return isWaiting || (store.shared.countEdits() > 0 && configs.all.some(([, config]) => !config.early));
  }

  #isWanted(namespace: number): boolean {
    return this.#parts.configs.get(namespace).needsPush || this.#lost.has(namespace);
  }

  /** Reads, then pushes what is there to push. @returns whether all of it is done. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { log, onPushed } = this.#parts;
    try {
      if (!(await this.#parts.poll(signal))) return false;
      const [pushed, messages] = this.#begin();
      const isStored = messages.length === 0 || (await this.#send(messages, pushed, signal));
      this.#end(pushed, isStored);
      onPushed();
      return isStored;
    } catch (error) {
      if (!signal.aborted) log.warn({ code: (error as EngineError).code }, 'shared state cannot be told');
      return false;
    }
  }

  /** Makes the messages; they are on disk, as what they are, before anything is sent. */
  #begin(): readonly [pushed: Pushed[], messages: PushedMessage[]] {
    const { configs, store, swarms, account, feed } = this.#parts;
    const now = swarms.now();
    const messages: PushedMessage[] = [];
    const touched = new Touched();
    const pushed = configs.change(() => {
      putEdits(this.#parts, touched, now);
      const wanted = configs.all.filter(([namespace, config]) => !config.early && this.#isWanted(namespace));
      return wanted.flatMap(([namespace]): Pushed[] => {
        const push = this.#push(namespace, now);
        if (!push) return [];
        const own = push.messages.map((data) => pushedMessage(account, namespace, data));
        messages.push(...own);
        store.shared.putDeleting(namespace, push.obsolete);
        const hashes = own.map(({ hash }) => hash);
        return [{ namespace, seqno: push.seqno, hashes, obsolete: push.obsolete }];
      });
    });
    feed.emit(...touched.changes(store));
    return [pushed, messages];
  }

  #push(namespace: number, now: number) {
    const { configs, log } = this.#parts;
    try {
      return configs.get(namespace).push(now);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.warn({ code: error.code }, 'shared state is too large to be told');
      return null;
    }
  }

  async #send(messages: readonly PushedMessage[], pushed: readonly Pushed[], signal: AbortSignal): Promise<boolean> {
    const { account, swarms, log } = this.#parts;
    // What was stored now must not be deleted, even if an earlier message was the same.
    const stored = new Set(messages.map(({ hash }) => hash));
    const obsolete = pushed.flatMap((push) => push.obsolete).filter((hash) => !stored.has(hash));
    try {
      for (const call of pushCalls(account, swarms.members(account.accountId), messages, obsolete)) {
        await swarms.send(account.accountId, call, signal);
      }
      return true;
    } catch (error) {
      if (!(error instanceof SwarmFailure)) throw error;
      log.info({ reason: error.reason }, 'shared state was not stored');
      return false;
    }
  }

  /** Records the outcome. What has been edited or merged since is pushed anew. */
  #end(pushed: readonly Pushed[], isStored: boolean): void {
    const { configs, store, swarms, account } = this.#parts;
    configs.change(() => {
      for (const { namespace, seqno, hashes, obsolete } of pushed) {
        const config = configs.get(namespace);
        if (isStored) {
          config.confirm(seqno, hashes);
          store.cursors.forget(account.accountId, obsolete);
        } else config.returnObsolete(obsolete);
        store.shared.putDeleting(namespace, []);
      }
      if (isStored && pushed.length > 0) store.shared.noteSynced(swarms.now());
    });
    if (isStored) for (const { namespace } of pushed) this.#lost.delete(namespace);
  }
}
