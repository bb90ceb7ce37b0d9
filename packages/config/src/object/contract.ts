import type { Packing } from '../pack/index.ts';
import type { Dict } from '../values/index.ts';
import type { Edits } from './incoming.ts';

/** `clean`: as it is in the swarm. `dirty`: edited. `waiting`: pushed, but not yet confirmed (config §8). */
export type ConfigState = 'clean' | 'dirty' | 'waiting';

/** Keys of a config that is signed (config §5). Without the 64-byte secret its holder can only read. */
export interface Signing {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array | null;
}

/** What a config needs to know about itself; nothing of it is what it says. */
export interface ConfigOptions {
  readonly packing: Packing;
  readonly signing?: Signing | null;
  /** How many revisions back changes are remembered; 5 unless said otherwise. */
  readonly lag?: number;
  /** The data without what is too old to be pushed. */
  readonly prune?: (data: Dict, now: number) => Dict;
}

/** What is to be stored in the swarm, and what may be deleted once that is done. */
export interface Push {
  /** To be given back to `confirm`. */
  readonly seqno: bigint;
  /** One stored message each, in order. */
  readonly messages: readonly Uint8Array[];
  /** Storage hashes of messages that this one replaces. */
  readonly obsolete: readonly string[];
}

/** The outcome of `merge`. */
export interface MergeOutcome {
  /** Storage hashes of the messages that were understood, whether or not they said anything new. */
  readonly accepted: ReadonlySet<string>;
  /** Whether the data is another than before. */
  readonly changed: boolean;
  /** Own edits that nobody will see unless they are made again: see `reapply`. */
  readonly lost: Edits | null;
}
