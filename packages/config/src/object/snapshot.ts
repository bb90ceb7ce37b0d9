import type { ConfigMessage } from '../message/index.ts';
import type { PartSet } from '../pack/index.ts';
import type { Dict } from '../values/index.ts';
import type { ConfigState } from './contract.ts';

/** All of a config object that must survive a restart. */
export interface Snapshot {
  readonly state: ConfigState;
  readonly message: ConfigMessage;
  /** The data that the diff of a dirty message is against. */
  readonly original: Dict;
  /** The data without own edits that others cannot have seen. */
  readonly base: Dict;
  readonly early: boolean;
  readonly currentHashes: readonly string[];
  readonly oldHashes: readonly string[];
  readonly parts: readonly (readonly [whole: string, set: PartSet])[];
}
