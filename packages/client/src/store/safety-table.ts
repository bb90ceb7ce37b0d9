import type { Repair } from '../engine.ts';
import type { Database } from './database.ts';

/** What is remembered of snapshots and repairs. */
export class SafetyTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Does the snapshot hold something that was deleted since? */
  isSnapshotStale(): boolean {
    return this.#database.get('SELECT snapshot_is_stale FROM safety')?.snapshot_is_stale !== 0;
  }

  /** What was deleted until now is not in the snapshot that is taken now. */
  beginSnapshot(): void {
    this.#database.run('UPDATE safety SET snapshot_is_stale = 2 WHERE snapshot_is_stale = 1');
  }

  /** That snapshot has taken the place of the last. */
  endSnapshot(): void {
    this.#database.run('UPDATE safety SET snapshot_is_stale = 0 WHERE snapshot_is_stale = 2');
  }

  /** The last repair, until it is dismissed. */
  repair(): Repair | null {
    const row = this.#database.get('SELECT repaired_at, repaired_from FROM safety');
    if (!row || row.repaired_at === null) return null;
    return { at: row.repaired_at as number, copyFrom: row.repaired_from as number | null };
  }

  setRepair(repair: Repair | null): void {
    this.#database.run('UPDATE safety SET repaired_at = @at, repaired_from = @copyFrom', {
      at: repair?.at ?? null,
      copyFrom: repair?.copyFrom ?? null,
    });
  }
}
