import type { Repair } from '../engine.ts';
import { snapshotTime } from '../safety/snapshot.ts';
import { SafetyTable } from '../store/safety-table.ts';
import { silentLogger, systemClock } from '../surroundings.ts';
import type { ProfileOptions } from './options.ts';
import { unlock } from './unlock.ts';

/** What a check of a profile found; the database is whole when there is one. */
export interface ProfileHealth {
  /** A repair that the person has not been told of yet, perhaps of just now. */
  readonly repair: Repair | null;
  /** When the snapshot was taken that a repair would go back to, ms; `null` without one. */
  readonly snapshotAt: number | null;
}

/**
 * Reads all of a profile's database and whether it fits together, and repairs it if it does not.
 * @throws EngineError as `openProfile`
 */
export async function checkProfile(
  options: Pick<ProfileOptions, 'folder' | 'passphrase' | 'clock' | 'log'>,
): Promise<ProfileHealth> {
  const { folder, passphrase, clock = systemClock, log = silentLogger } = options;
  const { database } = await unlock({ folder, passphrase, now: clock.now(), log, wholly: true });
  try {
    return { repair: new SafetyTable(database).repair(), snapshotAt: snapshotTime(folder) };
  } finally {
    database.close();
  }
}
