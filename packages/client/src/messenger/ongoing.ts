import { EngineError } from '../engine.ts';

/** What callers asked for and wait for. Closing ends it, and waits until nothing of it runs any more. */
export class Ongoing {
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<unknown>>();

  /** @param signal aborts when the engine closes. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Does it, unless the engine has closed. @throws EngineError `closed`; whatever `work` throws */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    requireOpen(this.#signal);
    const running = work(this.#signal);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** The pieces of something that is made while it is read. Nobody waits for who has stopped reading. */
  async *each<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.run(() => iterator.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  /** Resolves when nothing of it runs; that something failed is its caller's matter. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}

/** @throws EngineError `closed` once the signal has aborted */
export function requireOpen(signal: AbortSignal): void {
  if (signal.aborted) throw new EngineError('closed', 'the profile is closed');
}

/**
 * The pieces of a source until the signal aborts. A source that gives nothing any more is not waited for then.
 * @throws EngineError `closed`; the source's error
 */
export async function* whileOpen(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<null>();
  const abort = () => resolve(null);
  signal.addEventListener('abort', abort);
  const iterator = source[Symbol.asyncIterator]();
  let isAtEnd = false;
  try {
    for (;;) {
      requireOpen(signal);
      const next = await Promise.race([iterator.next(), aborted]);
      if (next === null) continue;
      isAtEnd = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (!isAtEnd) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
