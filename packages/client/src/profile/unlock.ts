import { wipe } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import { repairDatabase } from '../safety/repair.ts';
import { takeIfDue } from '../safety/snapshot-keeper.ts';
import { Database, DatabaseDamaged } from '../store/database.ts';
import { type KeyEntry, readKeyFile, unsealKey, writeKeyFile } from '../store/key-file.ts';
import type { Logger } from '../surroundings.ts';
import { databasePath, filesFolder } from './places.ts';

/** A database, and the entry of the key file that opened it. */
export interface Unlocked {
  readonly database: Database;
  readonly entry: KeyEntry;
}

/** What is needed to open the database of a profile. */
export interface UnlockOptions {
  readonly folder: string;
  readonly passphrase: string | undefined;
  /** Local time, ms. */
  readonly now: number;
  readonly log: Logger;
}

/**
 * Opens the database with whatever key of the key file fits; after an interrupted change of passphrase there are two. One
 * that is damaged is repaired; before it is changed to a newer version, and every day, it gets a new snapshot.
 * @throws EngineError `locked`, `wrong-passphrase`, `profile-missing`, `profile-in-use`, `profile-damaged`
 */
export async function unlock(options: UnlockOptions): Promise<Unlocked> {
  const { folder, passphrase } = options;
  const entries = readKeyFile(folder);
  const keys = await Promise.all(entries.map((entry) => unsealKey(entry, passphrase)));
  try {
    for (const open of [openWhole, openRepaired]) {
      for (const [index, key] of keys.entries()) {
        const database = key && open(options, key);
        if (!database) continue;
        const entry = entries[index]!;
        if (entries.length > 1) forgetOthers(folder, entry);
        return { database, entry };
      }
    }
  } finally {
    wipe(...keys.filter((key) => key !== null));
  }
  throw keys.includes(null) ? noKey(passphrase) : new EngineError('profile-damaged', 'no key opens the database');
}

/** Why there is no key without, or with, this passphrase. */
export function noKey(passphrase: string | undefined): EngineError {
  return passphrase === undefined
    ? new EngineError('locked', 'the profile needs its passphrase')
    : new EngineError('wrong-passphrase', 'this is not the passphrase of the profile');
}

function openWhole({ folder, now, log }: UnlockOptions, key: Uint8Array): Database | null {
  try {
    return Database.open(databasePath(folder), key, 'existing', (database) => takeIfDue(database, folder, now, log));
  } catch (error) {
    if (error instanceof DatabaseDamaged) return null;
    throw error;
  }
}

function openRepaired(options: UnlockOptions, key: Uint8Array): Database | null {
  const { folder, now, log } = options;
  const path = databasePath(folder);
  if (!repairDatabase({ folder, path, files: filesFolder(folder), key, now })) return null;
  log.warn({}, 'the database was damaged and has been repaired');
  return openWhole(options, key);
}

/** The other key opens nothing, so it does not matter if it stays because the disk is full. */
function forgetOthers(folder: string, entry: KeyEntry): void {
  try {
    writeKeyFile(folder, [entry]);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
  }
}
