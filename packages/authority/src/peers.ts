import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { ROUND_PATH } from '@sotto/directory';

const ATTEMPTS = 3;
/** To one authority: a vote of each of the 64 that there may be, and what else belongs to a round. */
const MOST_UNDER_WAY = 72;

/** Sends messages to other authorities over HTTPS; what is lost costs at most a round. */
export class Peers {
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 4 });
  readonly #timeout: number;
  readonly #signal: AbortSignal;
  /** What is under way, to whom. */
  readonly #sending = new Map<Promise<void>, string>();

  /** @param timeout for one attempt, ms. */
  constructor(timeout: number, signal: AbortSignal) {
    this.#timeout = timeout;
    this.#signal = signal;
  }

  /** Tries one address after the other, a few times; never rejects, and gives up when the signal aborts. */
  send(urls: readonly string[], message: Uint8Array): void {
    // Somebody who is away for long must not fill our memory.
    const to = urls.join(' ');
    const before = this.#sending.values().reduce((count, each) => count + (each === to ? 1 : 0), 0);
    if (before >= MOST_UNDER_WAY) return;
    const sending = this.#send(urls, message);
    this.#sending.set(sending, to);
    void sending.finally(() => this.#sending.delete(sending));
  }

  /** Resolves once nothing is under way; call it after the signal aborted. */
  async close(): Promise<void> {
    await Promise.all(this.#sending.keys());
    this.#agent.destroy();
  }

  async #send(urls: readonly string[], message: Uint8Array): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#signal.aborted; attempt++) {
      for (const url of urls) if (await this.#post(url, message)) return;
      await delay(this.#timeout / 2, undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  /** Did it arrive? What was refused has arrived too. */
  #post(url: string, message: Uint8Array): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(this.#timeout)]);
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': message.length };
    const sent = request(
      new URL(ROUND_PATH, url),
      { method: 'POST', agent: this.#agent, headers, signal },
      (answer) => {
        answer.on('error', () => {}).resume();
        resolve(answer.statusCode !== undefined && answer.statusCode < 500 && answer.statusCode !== 429);
      },
    );
    sent.on('error', () => resolve(false));
    sent.on('close', () => resolve(false));
    sent.end(message);
    return promise;
  }
}
