import { existsSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../store/database.ts';
import { moveDurably } from '../store/durable.ts';
import { isOutdated } from '../store/migrations.ts';
import { SafetyTable } from '../store/safety-table.ts';
import { copyAside, rawPath } from './copy-aside.ts';
import { writeLastingCopy } from './copy-job.ts';

const FILE = 'snapshot.db';
const FRESH_FILE = 'snapshot.new';
const DAY_MS = 86_400_000;
/** What was deleted is gone from the snapshot after this time of running. */
const STALE_MS = 3_600_000;

/** Where the snapshot of a profile lies. It has the key of the database. */
export function snapshotPath(folder: string): string {
  return join(folder, FILE);
}

/** When the snapshot was taken, ms; `null` without one. */
export function snapshotTime(folder: string): number | null {
  const path = snapshotPath(folder);
  return existsSync(path) ? Math.round(statSync(path).mtimeMs) : null;
}

/**
 * Is it time for another one? It is after a day, before the schema changes, and an hour after the last one if something
 * was deleted since that is still in there. `now`: local time, ms.
 */
export function isSnapshotDue(database: Database, folder: string, now: number): boolean {
  const taken = snapshotTime(folder);
  if (taken === null || isOutdated(database)) return true;
  const age = now - taken;
  // Below zero: the clock was set back since.
  if (age < 0 || age >= DAY_MS) return true;
  return age >= STALE_MS && new SafetyTable(database).isSnapshotStale();
}

/**
 * Replaces the snapshot by a compact copy of the database, without messages that disappear: what has an end here must
 * not outlive it there. Those that nobody has read yet come again from the mailbox after a repair. Everything else waits
 * until it is done, so it is for a database that is just being opened; {@link takeSnapshotAside} otherwise.
 * @throws EngineError `disk-full`; the old one stays then.
 */
export function takeSnapshot(database: Database, folder: string, now: number): void {
  const fresh = join(folder, FRESH_FILE);
  removeUnfinished(folder);
  try {
    begin(database);
    writeLastingCopy(database, fresh, null);
    finish(database, folder, now);
  } catch (error) {
    removeUnfinished(folder);
    throw error;
  }
}

/**
 * The same while everything goes on; what changes meanwhile is not in it.
 * @throws EngineError `disk-full`, `closed` when the signal aborts; the old one stays then.
 */
export async function takeSnapshotAside(
  database: Database,
  folder: string,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  await database.inTurn(async () => {
    removeUnfinished(folder);
    begin(database);
    await copyAside(database, join(folder, FRESH_FILE), null, signal);
    finish(database, folder, now);
  });
}

/** The snapshot has a key that is not used any more. */
export function removeSnapshot(folder: string): void {
  for (const suffix of ['', '-wal', '-journal']) rmSync(`${snapshotPath(folder)}${suffix}`, { force: true });
}

/** Removes what an ended run has left of a snapshot that it was taking. */
export function removeUnfinished(folder: string): void {
  const fresh = join(folder, FRESH_FILE);
  for (const path of [fresh, rawPath(fresh)]) {
    for (const suffix of ['', '-wal', '-journal']) rmSync(`${path}${suffix}`, { force: true });
  }
}

function begin(database: Database): void {
  if (!isOutdated(database)) new SafetyTable(database).beginSnapshot();
}

function finish(database: Database, folder: string, now: number): void {
  const fresh = join(folder, FRESH_FILE);
  utimesSync(fresh, now / 1000, now / 1000);
  moveDurably(fresh, snapshotPath(folder));
  if (!isOutdated(database)) new SafetyTable(database).endSnapshot();
}
