import type { EngineError } from '../engine.ts';
import type { Database } from '../store/database.ts';
import type { Clock, Logger } from '../surroundings.ts';
import type { WakeUp } from '../wake-up.ts';
import { isSnapshotDue, takeSnapshot, takeSnapshotAside } from './snapshot.ts';

/** Looking whether it is time costs nothing. */
const LOOK_EVERY_MS = 600_000;

/** What the keeper works with. */
export interface SnapshotKeeperParts {
  readonly database: Database;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Is called when there is none any more. */
  readonly wakeUp: WakeUp;
}

/** Takes snapshots whenever they are due, until the signal aborts. */
export async function keepSnapshots(
  { database, folder, clock, log, wakeUp }: SnapshotKeeperParts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await wakeUp.sleep(LOOK_EVERY_MS, clock, signal);
    if (signal.aborted) return;
    try {
      const now = clock.now();
      if (isSnapshotDue(database, folder, now)) await takeSnapshotAside(database, folder, now, signal);
    } catch (error) {
      if (!signal.aborted) warn(log, error);
    }
  }
}

/** Takes a snapshot at once if it is time, before anybody works with the database. */
export function takeIfDue(database: Database, folder: string, now: number, log: Logger): void {
  try {
    if (isSnapshotDue(database, folder, now)) takeSnapshot(database, folder, now);
  } catch (error) {
    warn(log, error);
  }
}

/** That it cannot be written now must not keep anybody from writing messages. */
function warn(log: Logger, error: unknown): void {
  log.warn({ code: (error as EngineError).code }, 'the snapshot of the database could not be written');
}
