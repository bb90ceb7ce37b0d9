import type { Caller } from '../waiting/caller.ts';

/** Somebody who sends requests, in tests without sockets. */
export class TestCaller implements Caller {
  readonly name: string;
  readonly isNode: boolean;
  readonly #listeners = new Set<() => void>();

  constructor(name = '203.0.113.7', isNode = false) {
    this.name = name;
    this.isNode = isNode;
  }

  /** How many want to know when this caller goes. */
  get listeners(): number {
    return this.#listeners.size;
  }

  onGone(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Breaks the connection. */
  leave(): void {
    for (const listener of this.#listeners) listener();
  }
}
