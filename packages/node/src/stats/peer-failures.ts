import { bytesToHex } from '@sotto/wire/bytes';
import { type NodeRecord, nodeLegacyKey } from '@sotto/wire/nodes';
import type { PeerLink } from '../peers.ts';

/** What failed towards one node since the start. */
export interface PeerFailureCounts {
  readonly requests_failed: number;
  readonly pushes_failed: number;
}

const PUSH = 'sn.data';

/** A link to other nodes that counts what they do not answer (storage-rpc §11). */
export class PeerFailures implements PeerLink {
  readonly #link: PeerLink;
  readonly #counts = new Map<string, { requests_failed: number; pushes_failed: number }>();

  constructor(link: PeerLink) {
    this.#link = link;
  }

  async request(
    node: NodeRecord,
    command: string,
    parts: readonly Uint8Array[],
    timeout: number,
  ): Promise<readonly Uint8Array[] | null> {
    const reply = await this.#link.request(node, command, parts, timeout);
    if (reply === null) this.#failed(node, command);
    return reply;
  }

  /** By legacy key in hex; only nodes towards which something failed. */
  counts(): ReadonlyMap<string, PeerFailureCounts> {
    return this.#counts;
  }

  /** Forgets nodes that are listed no more. */
  keep(nodes: readonly NodeRecord[]): void {
    const listed = new Set(nodes.map((node) => bytesToHex(nodeLegacyKey(node))));
    for (const key of this.#counts.keys()) if (!listed.has(key)) this.#counts.delete(key);
  }

  #failed(node: NodeRecord, command: string): void {
    const key = bytesToHex(nodeLegacyKey(node));
    const counts = this.#counts.get(key) ?? { requests_failed: 0, pushes_failed: 0 };
    counts[command === PUSH ? 'pushes_failed' : 'requests_failed']++;
    this.#counts.set(key, counts);
  }
}
