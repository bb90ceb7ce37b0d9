import { wipe } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import { repairDatabase } from '../safety/repair.ts';
import { takeIfDue } from '../safety/snapshot-keeper.ts';
import { Database } from '../store/database.ts';
import { type KeyEntry, type KeyFile, readKeyFile, unsealKey, writeKeyFile } from '../store/key-file.ts';
import { DatabaseDamaged } from '../store/sqlite-errors.ts';
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
  /** Read everything, however long that takes, instead of what is enough every day. */
  readonly wholly?: boolean;
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
    const opened = openWith(options, entries, keys, openWhole);
    if (opened) return opened;
    // It may have the key that this passphrase does not give, and be as whole as ever.
    if (keys.includes(null)) throw noKey(passphrase);
    const repaired = openWith(options, entries, keys, openRepaired);
    if (repaired) return repaired;
    throw new EngineError('profile-damaged', 'the database of the profile is damaged');
  } finally {
    wipe(...keys.filter((key) => key !== null));
  }
}

/** Why there is no key without, or with, this passphrase. */
export function noKey(passphrase: string | undefined): EngineError {
  return passphrase === undefined
    ? new EngineError('locked', 'the profile needs its passphrase')
    : new EngineError('wrong-passphrase', 'this is not the passphrase of the profile');
}

function openWith(
  options: UnlockOptions,
  entries: KeyFile,
  keys: readonly (Uint8Array | null)[],
  open: (options: UnlockOptions, key: Uint8Array) => Database | null,
): Unlocked | null {
  for (const [index, entry] of entries.entries()) {
    const key = keys[index];
    const database = key ? open(options, key) : null;
    if (!database) continue;
    if (entries.length > 1) forgetOthers(options.folder, entry);
    return { database, entry };
  }
  return null;
}

function openWhole({ folder, now, log, wholly }: UnlockOptions, key: Uint8Array): Database | null {
  try {
    return Database.open(databasePath(folder), key, 'existing', (database) => {
      if (wholly) database.checkWholly();
      takeIfDue(database, folder, now, log);
    });
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
