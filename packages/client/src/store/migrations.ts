import { EngineError } from '../engine.ts';
import type { Database } from './database.ts';
import { FIRST } from './schema/version-1.ts';
import { SECOND } from './schema/version-2.ts';
import { THIRD } from './schema/version-3.ts';
import { FOURTH } from './schema/version-4.ts';
import { FIFTH } from './schema/version-5.ts';
import { SIXTH } from './schema/version-6.ts';
import { SEVENTH } from './schema/version-7.ts';
import { EIGHTH } from './schema/version-8.ts';
import { NINTH } from './schema/version-9.ts';

const VERSIONS: readonly string[] = [FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH, EIGHTH, NINTH];

/**
 * Brings a database to the newest schema; each step and its version number are one transaction.
 * @throws EngineError `profile-damaged` if a newer version of this program wrote it.
 */
export function migrate(database: Database): void {
  const current = schemaVersion(database);
  if (current > VERSIONS.length) {
    throw new EngineError('profile-damaged', 'the profile was written by a newer version');
  }
  for (const [index, script] of VERSIONS.entries()) {
    if (index < current) continue;
    database.transaction(() => {
      database.script(script);
      database.script(`PRAGMA user_version = ${index + 1}`);
    });
  }
}

/** The version of a database's schema; 0 for an empty one. */
export function schemaVersion(database: Database): number {
  return Number(database.get('PRAGMA user_version')?.user_version ?? 0);
}

/** Will {@link migrate} change it? */
export function isOutdated(database: Database): boolean {
  return schemaVersion(database) < VERSIONS.length;
}
