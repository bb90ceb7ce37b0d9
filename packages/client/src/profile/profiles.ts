import { mkdirSync, rmSync } from 'node:fs';
import { networkId } from '@sotto/directory';
import { type Account, deriveAccount } from '@sotto/wire/account';
import { type Random, wipe } from '@sotto/wire/bytes';
import { accountSigner } from '@sotto/wire/rpc';
import { accountOfPhrase, checkedName, newAccount } from '../account/account.ts';
import { beginSharedState } from '../account/shared-state/begin.ts';
import { removeBackupCopies, writeBackup } from '../backup/write-backup.ts';
import { type Engine, EngineError } from '../engine.ts';
import { BlobTable } from '../files/blob-table.ts';
import { FileServers } from '../files/file-servers.ts';
import { FileTransfers } from '../files/file-transfers.ts';
import { LocalFiles } from '../files/local-files.ts';
import { Messenger } from '../messenger/messenger.ts';
import { checkProxy } from '../messenger/proxy-setting.ts';
import { httpsTransport } from '../network/https-transport.ts';
import { Network } from '../network/network.ts';
import { DEFAULT_TIMINGS } from '../network/timings.ts';
import { PushSubscriptions } from '../push/push-subscriptions.ts';
import { removeSnapshot, removeUnfinished } from '../safety/snapshot.ts';
import { keepSnapshots } from '../safety/snapshot-keeper.ts';
import { AccountTable } from '../store/account-table.ts';
import { Database } from '../store/database.ts';
import {
  hasKeyFile,
  type KeyEntry,
  newDatabaseKey,
  readKeyFile,
  sealKey,
  unsealKey,
  writeKeyFile,
} from '../store/key-file.ts';
import { networkMemory } from '../store/network-memory.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { SettingsTable } from '../store/settings-table.ts';
import { silentLogger, systemClock, systemRandom } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { NewProfileOptions, Polling, ProfileOptions } from './options.ts';
import { databasePath, filesFolder } from './places.ts';
import { noKey, type Unlocked, unlock } from './unlock.ts';

const DEFAULT_POLLING: Polling = { idleMs: 5000, activeMs: 1000, activeForMs: 60_000 };

/** What is needed to change the passphrase of an engine that is open. */
interface OpenProfile {
  readonly folder: string;
  readonly database: Database;
  readonly random: Random;
  readonly snapshotKeeper: WakeUp;
  /** The entry of the key file that holds the database's key, whatever else a failed change left there. */
  entry: KeyEntry;
  lastChange: Promise<void>;
  isClosed: boolean;
  readonly push: PushSubscriptions;
}

const openProfiles = new WeakMap<Engine, OpenProfile>();

/**
 * What stands between a person and the profile in a folder: it has to be created, its passphrase is needed, or nothing.
 * A damaged profile is `ready`; opening it tells.
 */
export async function profileState(folder: string): Promise<'missing' | 'locked' | 'ready'> {
  if (!hasKeyFile(folder)) return 'missing';
  try {
    const kinds = new Set(readKeyFile(folder).map(({ kind }) => kind));
    if (kinds.size === 1) return kinds.has('plain') ? 'ready' : 'locked';
    // A crash while a passphrase was set or removed: only the database knows which key it has.
    const log = silentLogger;
    (await unlock({ folder, passphrase: undefined, now: systemClock.now(), log })).database.close();
    return 'ready';
  } catch (error) {
    return error instanceof EngineError && error.code === 'locked' ? 'locked' : 'ready';
  }
}

/**
 * Creates an account in a folder and opens it. @throws EngineError `bad-name`, `bad-setting` for a `proxy`
 * that cannot be one, `profile-exists`, `profile-in-use`, `disk-full`
 */
export async function createProfile(options: NewProfileOptions & { readonly name: string }): Promise<Engine> {
  const name = checkedName(options.name);
  const now = (options.clock ?? systemClock).now();
  return await begin(options, newAccount(options.random ?? systemRandom), name, now, 'new');
}

/**
 * Brings an account back from its 13 words and opens it. What its devices share comes back by itself
 * (`AccountInfo.restoring`); a `name` replaces the one that it has. @throws EngineError `bad-phrase`, `bad-name`,
 * `bad-setting`, `profile-exists`, `profile-in-use`, `disk-full`
 */
export async function restoreProfile(
  options: NewProfileOptions & { readonly phrase: string; readonly name?: string | undefined },
): Promise<Engine> {
  const name = options.name === undefined ? '' : checkedName(options.name);
  const now = (options.clock ?? systemClock).now();
  return await begin(options, accountOfPhrase(options.phrase), name, name === '' ? 0 : now, 'restored');
}

/**
 * Opens the profile in a folder. @throws EngineError `profile-missing`, `locked`, `wrong-passphrase`, `profile-in-use`,
 * `profile-damaged`, `bad-network` if it belongs to another network
 */
export async function openProfile(options: ProfileOptions): Promise<Engine> {
  const { folder, passphrase, clock = systemClock, log = silentLogger } = options;
  return await start(options, await unlock({ folder, passphrase, now: clock.now(), log }));
}

/**
 * Sets, changes or (with `null`) removes the passphrase of an open profile; the whole database gets a new key.
 * `current` is needed if there is a passphrase now.
 * @throws EngineError `locked` without it, `wrong-passphrase` if it is not the one, or if the new one is empty;
 * `disk-full`; `closed`
 */
export async function setPassphrase(engine: Engine, passphrase: string | null, current?: string): Promise<void> {
  const profile = openProfiles.get(engine);
  if (!profile) throw new EngineError('closed', 'the profile is closed');
  if (passphrase === '') throw new EngineError('wrong-passphrase', 'a passphrase must not be empty');
  // One change at a time: the key file must always hold the key that the database has.
  const change = profile.lastChange.then(() => changePassphrase(profile, passphrase ?? undefined, current));
  profile.lastChange = change.catch(() => undefined);
  await change;
}

/**
 * Lets push servers tell of new messages of a running engine's account; nothing is asked before the caller does
 * (messages §10). @throws EngineError `closed`
 */
export function pushSubscriptions(engine: Engine): PushSubscriptions {
  const profile = openProfiles.get(engine);
  if (!profile) throw new EngineError('closed', 'the profile is closed');
  return profile.push;
}

async function changePassphrase(profile: OpenProfile, passphrase: string | undefined, current: string | undefined) {
  const { folder, database, random, entry } = profile;
  const oldKey = await unsealKey(entry, current);
  if (!oldKey) throw noKey(current);
  const key = newDatabaseKey(random);
  try {
    const fresh = await sealKey(key, passphrase, random);
    await database.inTurn(async () => {
      if (profile.isClosed) throw new EngineError('closed', 'the profile is closed');
      // Both keys are on disk while the database changes from one to the other, so that a crash leaves the right one there.
      writeKeyFile(folder, [fresh, entry]);
      // It has the old key, which somebody may know.
      removeSnapshot(folder);
      database.changeKey(oldKey, key);
      profile.entry = fresh;
      writeKeyFile(folder, [fresh]);
    });
    profile.snapshotKeeper.call();
  } finally {
    wipe(oldKey, key);
  }
}

/** A new database with an account in it. The key file comes last: without it there is no profile. */
async function begin(
  options: NewProfileOptions,
  account: Account,
  name: string,
  nameChangedAt: number,
  origin: 'new' | 'restored',
): Promise<Engine> {
  const { folder, passphrase, proxy, random = systemRandom } = options;
  if (proxy) checkProxy(proxy);
  if (hasKeyFile(folder)) throw new EngineError('profile-exists', 'there is a profile in this folder already');
  if (passphrase === '') throw new EngineError('wrong-passphrase', 'a passphrase must not be empty');
  const key = newDatabaseKey(random);
  let database: Database | null = null;
  let entry: KeyEntry;
  try {
    entry = await sealKey(key, passphrase, random);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const made = createDatabase(databasePath(folder), key);
    database = made;
    const createdAt = (options.clock ?? systemClock).now();
    made.transaction(() => {
      new AccountTable(made).create({ seed16: account.seed16, name, nameChangedAt, createdAt });
      if (proxy) new SettingsTable(made).write({ proxy });
    });
    if (origin === 'new') beginSharedState(new ProfileStore(database, account.accountId), account, nameChangedAt);
    if (hasKeyFile(folder)) throw new EngineError('profile-exists', 'there is a profile in this folder already');
    writeKeyFile(folder, [entry]);
  } catch (error) {
    database?.close();
    throw error;
  } finally {
    wipe(key, account.seed16, account.ed25519.secretKey, account.x25519.secretKey);
  }
  return await start(options, { database, entry });
}

function createDatabase(path: string, key: Uint8Array): Database {
  try {
    return Database.open(path, key, 'create');
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'profile-damaged') throw error;
    // What a creation left behind that did not finish; nobody has its key.
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
    return Database.open(path, key, 'create');
  }
}

async function start(options: ProfileOptions, { database, entry }: Unlocked): Promise<Engine> {
  try {
    const { clock = systemClock, random = systemRandom, log = silentLogger, network, signal, folder } = options;
    removeBackupCopies(folder);
    removeUnfinished(folder);
    const account = readAccount(database);
    const own = httpsTransport(new SettingsTable(database).read().proxy);
    const { transport = own } = options;
    const timings = { ...DEFAULT_TIMINGS, ...options.timings };
    const memory = networkMemory(database);
    const floor = await Network.open({ network, memory, transport, timings, clock, random, log });
    const profile: OpenProfile = {
      folder,
      database,
      random,
      snapshotKeeper: new WakeUp(),
      entry,
      lastChange: Promise.resolve(),
      isClosed: false,
      push: new PushSubscriptions({
        access: floor.servers,
        signer: accountSigner(account.accountId, account.ed25519),
        now: () => floor.now(),
      }),
    };
    const servers = new FileServers(network, clock, random);
    const engine = new Messenger({
      store: new ProfileStore(database, account.accountId),
      account,
      network: floor,
      networkId: networkId(network),
      files: new LocalFiles({
        folder: filesFolder(folder),
        table: new BlobTable(database),
        random,
        log,
      }),
      transfers: new FileTransfers({ access: floor.servers, servers, clock, random, log }),
      polling: { ...DEFAULT_POLLING, ...options.polling },
      clock,
      random,
      log,
      backUp: (passphrase, closing) =>
        writeBackup(
          { database, folder, files: filesFolder(folder), random, now: () => clock.now() },
          passphrase,
          closing,
        ),
      onSettings: ({ proxy }) => {
        if (own.setProxy(proxy)) floor.wayChanged();
      },
      others: [(both) => keepSnapshots({ database, folder, clock, log, wakeUp: profile.snapshotKeeper }, both)],
      onClosed: () => {
        profile.isClosed = true;
        openProfiles.delete(engine);
        signal?.removeEventListener('abort', closeOnAbort);
        database.close();
      },
    });
    const closeOnAbort = () => void engine.close();
    openProfiles.set(engine, profile);
    if (signal?.aborted) closeOnAbort();
    else signal?.addEventListener('abort', closeOnAbort, { once: true });
    return engine;
  } catch (error) {
    database.close();
    throw error;
  }
}

function readAccount(database: Database): Account {
  const seed16 = new AccountTable(database).seed();
  if (!seed16) throw new EngineError('profile-damaged', 'the profile has no account');
  try {
    return deriveAccount(seed16);
  } finally {
    wipe(seed16);
  }
}
