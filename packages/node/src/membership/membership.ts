import type { NodeSource } from '@sotto/directory';
import type { NodeRecord } from '@sotto/wire/nodes';
import type { OxendRequest } from '@sotto/wire/rpc';

/** Where the node can be reached from now on. */
export interface ListeningPorts {
  readonly httpsPort: number;
  readonly omqPort: number;
}

/** What the chain, or what stands for it, said to a client's question. */
export type ChainAnswer =
  | { readonly kind: 'done'; readonly result: unknown }
  /** Status and text for the client (storage-rpc §8.13). */
  | { readonly kind: 'refused'; readonly status: 400 | 502; readonly text: string };

/**
 * What makes a node a member of a network: where the list of nodes comes from, and what goes with it. One implementation
 * follows a signed directory, another asks a chain daemon, oxend (node-network §10).
 */
export interface Membership {
  readonly source: NodeSource;
  /** Keeps the list up to date until the signal aborts; resolves when nothing runs any more and never rejects. */
  run(ports: ListeningPorts, signal: AbortSignal): Promise<void>;
  /** Reasons why clients cannot be served yet, in the words of node-network §13; empty when they can. */
  notReady(): readonly string[];
  /** Hard fork and its revision, `hf` of answers. */
  hardFork(): readonly [number, number];
  /** Height of the chain, or the number of the directory that stands for it. */
  height(): number;
  /** The height that is to be reached; as `height` when it is. */
  targetHeight(): number;
  /** The signed directory as it was accepted; `null` if there is none yet, or the list comes from elsewhere. */
  signedDirectory(): Uint8Array | null;
  /** Answers `oxend_request` (storage-rpc §8.13); never rejects. */
  ask(endpoint: OxendRequest['endpoint'], params: unknown): Promise<ChainAnswer>;
  /** Takes the outcome of a reachability test of another node to whom it concerns (node-network §9); never rejects. */
  report(node: NodeRecord, passed: boolean): Promise<void>;
}
