import { existsSync, rmSync } from 'node:fs';
import { Database } from '../store/database.ts';
import { moveDurably } from '../store/durable.ts';
import { SafetyTable } from '../store/safety-table.ts';
import { DatabaseDamaged } from '../store/sqlite-errors.ts';
import { forgetMissingFiles } from './missing-files.ts';
import { salvageAll, salvagePrecious } from './salvage.ts';
import { snapshotPath, snapshotTime } from './snapshot.ts';

/** What is repaired. */
export interface RepairJob {
  /** Of the profile, with its snapshot. */
  readonly folder: string;
  /** The database that is damaged. */
  readonly path: string;
  /** The folder of the profile's files. */
  readonly files: string;
  readonly key: Uint8Array;
  /** Local time, ms. */
  readonly now: number;
}

/**
 * Puts a whole database in the place of a damaged one: with all of its content if that can be read, else with that of the
 * last snapshot. What was deleted since stays deleted as far as it can be read; messages that the mailbox still holds and
 * that are not here come again. The damaged file is gone afterwards.
 * @returns whether it could be done. @throws EngineError `profile-in-use`, `disk-full`; nothing has changed then
 */
export function repairDatabase(job: RepairJob): boolean {
  // Opening it may change it.
  const copyFrom = snapshotTime(job.folder);
  const snapshot = openSnapshot(job);
  try {
    const repaired = `${job.path}.repaired`;
    removeDatabase(repaired);
    try {
      if (!rebuild(job, repaired) && !(snapshot && fallBack(job, snapshot, repaired, copyFrom))) return false;
      // First the log: SQLite would take what is in there for changes of the new file.
      removeLogs(job.path);
      moveDurably(repaired, job.path);
      return true;
    } finally {
      removeDatabase(repaired);
    }
  } finally {
    snapshot?.close();
  }
}

/** As long as it is open nobody else repairs the same profile. */
function openSnapshot({ folder, key }: RepairJob): Database | null {
  return existsSync(snapshotPath(folder)) ? openWhole(snapshotPath(folder), key) : null;
}

function rebuild({ path, key, now, files }: RepairJob, repaired: string): boolean {
  if (!existsSync(path)) return false;
  const database = Database.open(repaired, key, 'create');
  let isWhole = false;
  try {
    isWhole = salvageAll(database, path, key);
    if (isWhole) finish(database, files, { at: now, copyFrom: null });
  } finally {
    database.close();
    if (!isWhole) removeDatabase(repaired);
  }
  return isWhole;
}

function fallBack(
  { path, key, now, files }: RepairJob,
  snapshot: Database,
  repaired: string,
  copyFrom: number | null,
): boolean {
  snapshot.copyTo(repaired);
  const database = openWhole(repaired, key);
  if (!database) return false;
  try {
    if (existsSync(path)) salvagePrecious(database, path, key);
    finish(database, files, { at: now, copyFrom });
    return true;
  } finally {
    database.close();
  }
}

function finish(database: Database, files: string, repair: { at: number; copyFrom: number | null }): void {
  forgetMissingFiles(database, files);
  // Nodes are read from the beginning; what was dealt with is known by its hash.
  database.script('DELETE FROM cursors');
  new SafetyTable(database).setRepair(repair);
}

function openWhole(path: string, key: Uint8Array): Database | null {
  try {
    return Database.open(path, key, 'existing');
  } catch (error) {
    if (error instanceof DatabaseDamaged) return null;
    throw error;
  }
}

function removeDatabase(path: string): void {
  rmSync(path, { force: true });
  removeLogs(path);
}

function removeLogs(path: string): void {
  for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}
