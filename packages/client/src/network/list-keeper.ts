import type { DirectoryError } from '@sotto/directory';
import type { Random } from '@sotto/wire/bytes';
import { type Clock, jittered, type Logger } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { ListSource, ListUsers } from './list-source.ts';
import type { Timings } from './timings.ts';

const JITTER = 0.2;
/** After a refresh that went well nobody can hurry us for this long: a node that lies about swarms might try. */
const HURRY_REST_MS = 30_000;

/** What the keeper works with. */
export interface ListKeeperParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly timings: Timings;
}

/** Keeps the list of nodes fresh, wherever lists come from: once an hour, when something shows that it is old, and soon after a failure. */
export class ListKeeper {
  readonly source: ListSource;
  readonly #parts: ListKeeperParts;
  readonly #wakeUp = new WakeUp();
  #failed = false;
  /** Does the first refresh of this run wait for a path? */
  #awaitsPath = false;

  constructor(source: ListSource, parts: ListKeeperParts) {
    this.source = source;
    this.#parts = parts;
  }

  /** Did the last attempt to fetch a list fail? */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** Asks for a new list soon: something shows that ours is old. */
  hurry(): void {
    this.#wakeUp.call();
  }

  /** A path stands: what waited for one need wait no longer. */
  connected(): void {
    if (this.#awaitsPath) this.#wakeUp.call();
  }

  /** Refreshes until the signal aborts. */
  async run(users: ListUsers, signal: AbortSignal): Promise<void> {
    const { clock, random, timings, log } = this.#parts;
    let failures = 0;
    if (this.source.nodes.current()) await this.#awaitPath(signal);
    while (!signal.aborted) {
      let pause = timings.refresh;
      let rest = HURRY_REST_MS;
      try {
        await this.source.refresh(users, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        log.info({ code: (error as DirectoryError).code }, 'could not refresh the list of nodes');
        pause = Math.min(timings.firstPause * 2 ** Math.min(failures++, 20), timings.longestPause);
        rest = timings.firstPause;
      }
      this.#failed = failures > 0;
      users.onAttempt();
      await clock.sleep(Math.min(rest, pause), signal);
      await this.#wakeUp.sleep(jittered(pause, JITTER, random), clock, signal);
    }
  }

  /** Nobody need know that we look for a new list, if there soon is a path or somebody hurries us. */
  async #awaitPath(signal: AbortSignal): Promise<void> {
    const { clock, timings } = this.#parts;
    this.#awaitsPath = true;
    await this.#wakeUp.sleep(timings.longestPause, clock, signal);
    this.#awaitsPath = false;
  }
}
