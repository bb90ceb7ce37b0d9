import type { EngineErrorCode } from '../engine.ts';
import type { Database } from '../store/database.ts';
import { leaveOutDisappearing } from './disappearing.ts';

/** What {@link copyAside} has a worker do. */
export interface CopyJob {
  /** A copy of a database's file, and the key that it has. */
  readonly from: string;
  readonly key: Uint8Array;
  /** The new file, with the same key if `toKey` is `null`. */
  readonly to: string;
  readonly toKey: Uint8Array | null;
  /** Shared memory: the first number is not zero once it is to be given up. */
  readonly stop: Int32Array;
}

/** What the worker says at its end; `null` if it is done. */
export type CopyOutcome = { readonly code: EngineErrorCode | null; readonly message: string } | null;

/**
 * Writes a compact copy without messages that disappear to a new file; `key`: a key of its own, `null` for the same.
 * @throws EngineError `disk-full`; DatabaseDamaged; what `goOn` throws before a step
 */
export function writeLastingCopy(
  database: Database,
  to: string,
  key: Uint8Array | null,
  goOn: () => void = () => {},
): void {
  goOn();
  if (key) database.exportTo(to, key);
  else database.copyTo(to);
  goOn();
  leaveOutDisappearing(database, to, key);
}
