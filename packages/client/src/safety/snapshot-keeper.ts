import type { EngineError } from '../engine.ts';
import type { Database } from '../store/database.ts';
import type { Clock, Logger } from '../surroundings.ts';
import { isSnapshotDue, takeSnapshot } from './snapshot.ts';

/** Looking whether it is time costs nothing. */
const LOOK_EVERY_MS = 600_000;

/** What the keeper works with. */
export interface SnapshotKeeperParts {
  readonly database: Database;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Takes snapshots whenever they are due, until the signal aborts. */
export async function keepSnapshots(
  { database, folder, clock, log }: SnapshotKeeperParts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    takeIfDue(database, folder, clock.now(), log);
  }
}

/** Takes a snapshot if it is time; that it cannot be written now must not keep anybody from writing messages. */
export function takeIfDue(database: Database, folder: string, now: number, log: Logger): void {
  try {
    if (isSnapshotDue(database, folder, now)) takeSnapshot(database, folder, now);
  } catch (error) {
    log.warn({ code: (error as EngineError).code }, 'the snapshot of the database could not be written');
  }
}
