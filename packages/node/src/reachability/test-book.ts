import { bytesToHex } from '@sotto/wire/bytes';
import { type NodeRecord, nodeLegacyKey } from '@sotto/wire/nodes';

/** What tests of one node came to, since this process started. Times are Unix ms. */
export interface TestRecord {
  readonly tested: number;
  readonly passed: number;
  readonly lastAt: number;
  /** Since when every test failed; `null`: the last one passed. */
  readonly failingSince: number | null;
}

/** A node's own book of the tests that it made of others, by legacy key in hex. */
export class TestBook {
  readonly #records = new Map<string, TestRecord>();

  /** Enters one outcome. */
  enter(node: NodeRecord, passed: boolean, now: number): void {
    const key = bytesToHex(nodeLegacyKey(node));
    const before = this.#records.get(key);
    this.#records.set(key, {
      tested: (before?.tested ?? 0) + 1,
      passed: (before?.passed ?? 0) + (passed ? 1 : 0),
      lastAt: now,
      failingSince: passed ? null : (before?.failingSince ?? now),
    });
  }

  /** Forgets nodes that are listed no more. */
  keep(nodes: readonly NodeRecord[]): void {
    const listed = new Set(nodes.map((node) => bytesToHex(nodeLegacyKey(node))));
    for (const key of this.#records.keys()) if (!listed.has(key)) this.#records.delete(key);
  }

  records(): ReadonlyMap<string, TestRecord> {
    return this.#records;
  }
}
