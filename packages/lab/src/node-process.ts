import { setTimeout as delay } from 'node:timers/promises';
import { type Child, type ChildEnd, type ChildProgram, startChild } from './child.ts';

const FIRST_RESTART_DELAY = 500;
const LONGEST_RESTART_DELAY = 30_000;
/** A process that ran this long, in ms, is not in a series of crashes. */
const STEADY = 60_000;

/** How one node's process is looked after. */
export interface NodeProcessOptions extends ChildProgram {
  /** Time to end by itself after being asked to, ms; then it is killed. */
  readonly stopTimeout: number;
  /** Start it again when it ends unasked, after 0.5 s at first and up to 30 s in a series of crashes. */
  readonly restart: boolean;
  readonly onReady: (pid: number) => void;
  readonly onExited: (end: ChildEnd) => void;
  readonly onRestarting: (delay: number) => void;
  readonly onRestartFailed: (error: unknown) => void;
}

/** One node's process over its starts and ends. Its methods are called one after the other. */
export class NodeProcess {
  readonly #options: NodeProcessOptions;
  readonly #closing = new AbortController();
  #child: Child | null = null;
  #endAsked = false;
  #crashes = 0;
  #starting: Promise<void> | null = null;
  #restarting: Promise<void> = Promise.resolve();

  constructor(options: NodeProcessOptions) {
    this.#options = options;
  }

  /** The process id; `null` while it does not run. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the process, if it does not run yet, and resolves once it is ready. @throws as `startChild`. */
  start(): Promise<void> {
    if (this.#child) return Promise.resolve();
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  /** Sends a signal after which the process ends and stays away, and resolves once it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#endAsked = true;
    child.kill(signal);
    const patience = new AbortController();
    const timer = delay(this.#options.stopTimeout, undefined, { signal: patience.signal }).then(
      () => child.kill('SIGKILL'),
      () => {},
    );
    await child.ended;
    patience.abort();
    await timer;
  }

  /** Ends the process and everything that would start it; resolves once nothing runs any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the network is closed'));
    await this.#starting?.catch(() => {});
    await this.kill('SIGTERM');
    await this.#restarting;
  }

  async #launch(): Promise<void> {
    const child = await startChild(this.#options, this.#closing.signal);
    const since = performance.now();
    this.#child = child;
    this.#endAsked = false;
    this.#options.onReady(child.pid);
    void child.ended.then((end) => this.#ended(end, performance.now() - since));
  }

  #ended(end: ChildEnd, lifetime: number): void {
    this.#child = null;
    if (this.#endAsked) return;
    this.#options.onExited(end);
    this.#crashes = lifetime > STEADY ? 1 : this.#crashes + 1;
    if (this.#options.restart) this.#restarting = this.#restart();
  }

  async #restart(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const pause = Math.min(FIRST_RESTART_DELAY * 2 ** (this.#crashes - 1), LONGEST_RESTART_DELAY);
      this.#options.onRestarting(pause);
      try {
        await delay(pause, undefined, { signal: this.#closing.signal });
        await this.start();
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#crashes++;
        this.#options.onRestartFailed(error);
      }
    }
  }
}
