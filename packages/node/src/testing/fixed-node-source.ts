import { NodeList, type NodeSource } from '@sotto/directory';
import type { NodeRecord } from '@sotto/wire/nodes';

/** A node source for tests: the list is whatever the test last said. */
export class FixedNodeSource implements NodeSource {
  #list: NodeList | null = null;
  readonly #listeners = new Set<(list: NodeList) => void>();
  #epoch = 0;

  constructor(nodes: readonly NodeRecord[] = []) {
    if (nodes.length > 0) this.set(nodes);
  }

  /** Replaces the list and tells the listeners. */
  set(nodes: readonly NodeRecord[]): void {
    this.#list = new NodeList({
      epoch: ++this.#epoch,
      validFrom: 0,
      validUntil: Number.MAX_SAFE_INTEGER,
      nodes: nodes.toSorted((a, b) => Buffer.compare(a.ed25519Key, b.ed25519Key)),
      parameters: { swarmMin: 1, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'listed', oneSite: true },
      digest: new Uint8Array(32),
    });
    for (const listener of this.#listeners) listener(this.#list);
  }

  current(): NodeList | null {
    return this.#list;
  }

  isExpired(): boolean {
    return false;
  }

  onChange(listener: (list: NodeList) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
