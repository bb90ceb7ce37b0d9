import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '@sotto/wire/bytes';
import { badBackup } from '../backup/sealed-stream.ts';
import { unpack } from '../backup/unpack.ts';
import { type Engine, EngineError } from '../engine.ts';
import { checkProxy } from '../messenger/proxy-setting.ts';
import { forgetMissingFiles } from '../safety/missing-files.ts';
import { removeSnapshot } from '../safety/snapshot.ts';
import { AccountTable } from '../store/account-table.ts';
import { Database } from '../store/database.ts';
import { syncFolder } from '../store/durable.ts';
import { hasKeyFile, newDatabaseKey, removeKeyFile, sealKey, writeKeyFile } from '../store/key-file.ts';
import { SafetyTable } from '../store/safety-table.ts';
import { SettingsTable } from '../store/settings-table.ts';
import { systemClock, systemRandom } from '../surroundings.ts';
import type { NewProfileOptions } from './options.ts';
import { databasePath, filesFolder } from './places.ts';
import { openProfile } from './profiles.ts';

const STAGING = 'restoring';

/**
 * What a profile is restored from; `passphrase` of the options, if any, locks the new profile, and their `proxy`, if any,
 * takes the place of the one that the backup has.
 */
export interface RestoreBackupOptions extends NewProfileOptions {
  /** The encrypted file of `Engine.backUp`, piece by piece. */
  readonly backup: AsyncIterable<Uint8Array>;
  readonly backupPassphrase: string;
}

/**
 * Makes a profile of a backup and opens it. Messages that came since come from the mailbox as far as it holds them. If it
 * fails, nothing of it stays. @throws EngineError `profile-exists`, `wrong-passphrase` (of the backup, or an empty one for
 * the profile), `bad-backup` (something else, damaged, or not complete), `bad-network` (of another network), `bad-setting` (the
 * proxy), `disk-full`
 */
export async function restoreBackup(options: RestoreBackupOptions): Promise<Engine> {
  const { folder, passphrase, proxy, backup, backupPassphrase } = options;
  if (proxy) checkProxy(proxy);
  if (hasKeyFile(folder)) throw new EngineError('profile-exists', 'there is a profile in this folder already');
  if (passphrase === '') throw new EngineError('wrong-passphrase', 'a passphrase must not be empty');
  const isNew = !existsSync(folder);
  const staging = join(folder, STAGING);
  try {
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true, mode: 0o700 });
    const places = { database: databasePath(staging), files: filesFolder(staging) };
    const { databaseKey } = await unpack(backup, backupPassphrase, places);
    try {
      await moveIn(options, staging, databaseKey);
    } finally {
      wipe(databaseKey);
    }
  } catch (error) {
    remove(folder, isNew);
    throw error;
  }
  return await opened(options, isNew);
}

/** The last thing to come is the key file: without it there is no profile. */
async function moveIn(options: RestoreBackupOptions, staging: string, databaseKey: Uint8Array): Promise<void> {
  const { folder, passphrase, proxy, random = systemRandom, clock = systemClock } = options;
  const key = newDatabaseKey(random);
  try {
    const path = databasePath(staging);
    prepare(path, filesFolder(staging), databaseKey, key, (database) => {
      new AccountTable(database).setCreatedAt(clock.now());
      if (proxy) new SettingsTable(database).write({ proxy });
    });
    const entry = await sealKey(key, passphrase, random);
    if (hasKeyFile(folder)) throw new EngineError('profile-exists', 'there is a profile in this folder already');
    removeContent(folder);
    renameSync(filesFolder(staging), filesFolder(folder));
    renameSync(databasePath(staging), databasePath(folder));
    rmSync(staging, { recursive: true });
    syncFolder(filesFolder(folder));
    syncFolder(folder);
    writeKeyFile(folder, [entry]);
  } finally {
    wipe(key);
  }
}

/** Makes the database one of this device; `settle` writes what this device brings. */
function prepare(
  path: string,
  files: string,
  backupKey: Uint8Array,
  key: Uint8Array,
  settle: (database: Database) => void,
): void {
  const database = openUnpacked(path, backupKey);
  try {
    const seed = new AccountTable(database).seed();
    if (!seed) throw badBackup('the backup has no account');
    wipe(seed);
    settle(database);
    forgetMissingFiles(database, files);
    database.script('DELETE FROM cursors');
    new SafetyTable(database).setRepair(null);
    database.changeKey(backupKey, key);
  } finally {
    database.close();
  }
}

function openUnpacked(path: string, key: Uint8Array): Database {
  try {
    return Database.open(path, key, 'existing');
  } catch (error) {
    if (error instanceof EngineError && error.code === 'profile-damaged') throw badBackup(error.message);
    throw error;
  }
}

/** A profile that cannot be opened, such as one of another network, is none. */
async function opened(options: RestoreBackupOptions, isNew: boolean): Promise<Engine> {
  try {
    return await openProfile(options);
  } catch (error) {
    removeKeyFile(options.folder);
    removeContent(options.folder);
    remove(options.folder, isNew);
    throw error;
  }
}

function removeContent(folder: string): void {
  rmSync(filesFolder(folder), { recursive: true, force: true });
  removeSnapshot(folder);
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${databasePath(folder)}${suffix}`, { force: true });
}

function remove(folder: string, isNew: boolean): void {
  rmSync(join(folder, STAGING), { recursive: true, force: true });
  if (isNew && existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
