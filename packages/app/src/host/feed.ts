const MOST_WAITING = 1_000;

/**
 * Hands every published value to every current subscriber, in order.
 * A subscriber that falls behind by a thousand values gets `overflow` once in their place.
 */
export class Feed<T> {
  readonly #overflow: T;
  readonly #subscribers = new Set<(value: T) => void>();
  readonly #closed = new AbortController();

  constructor(overflow: T) {
    this.#overflow = overflow;
  }

  publish(value: T): void {
    for (const deliver of this.#subscribers) deliver(value);
  }

  /**
   * Values from now on: the subscription starts with the call. It ends at once when the signal aborts, and after what was
   * published before when the feed closes.
   */
  subscribe(signal: AbortSignal): AsyncIterable<T> {
    const ended = AbortSignal.any([signal, this.#closed.signal]);
    let waiting: T[] = [];
    let wake: () => void = () => {};
    const deliver = (value: T) => {
      if (waiting.length < MOST_WAITING) waiting.push(value);
      else waiting = [this.#overflow];
      wake();
    };
    const end = () => {
      this.#subscribers.delete(deliver);
      wake();
    };
    if (!ended.aborted) {
      this.#subscribers.add(deliver);
      ended.addEventListener('abort', end, { once: true });
    }
    return read();

    async function* read(): AsyncGenerator<T> {
      try {
        while (!signal.aborted) {
          const values = waiting;
          waiting = [];
          for (const value of values) {
            if (signal.aborted) return;
            yield value;
          }
          if (waiting.length > 0) continue;
          if (ended.aborted) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        ended.removeEventListener('abort', end);
        end();
      }
    }
  }

  /** Ends every subscription; later ones end at once. */
  close(): void {
    this.#closed.abort();
  }
}
