import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, deriveAccount } from '@sotto/wire/account';
import { writeBackup } from '../backup/write-backup.ts';
import type { Message } from '../engine.ts';
import { BlobTable } from '../files/blob-table.ts';
import { LocalFiles } from '../files/local-files.ts';
import { Messenger } from '../messenger/messenger.ts';
import type { Polling } from '../profile/options.ts';
import { AccountTable } from '../store/account-table.ts';
import { Database } from '../store/database.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { silentLogger } from '../surroundings.ts';
import type { ManualClock } from './manual-clock.ts';
import type { Link, PostOffice } from './post-office.ts';
import { seededRandom } from './seeded-random.ts';

const KEY = new Uint8Array(32).fill(5);
const POLLING = { idleMs: 5000, activeMs: 1000, activeForMs: 60_000 };
let devices = 0;

/** One device of a person in a test: a real messenger and database above a post office. */
export interface Device {
  readonly account: Account;
  readonly engine: Messenger;
  readonly store: ProfileStore;
  readonly database: Database;
  readonly folder: string;
  /** What its engine has warned of. */
  readonly warnings: readonly string[];
}

/** What a device is started with. */
export interface DeviceOptions {
  readonly clock: ManualClock;
  readonly office: PostOffice;
  /** Persons differ by this number; devices of one person share it. */
  readonly person: number;
  readonly name?: string;
  /** A copy of another device's folder to continue from. */
  readonly from?: string;
  readonly polling?: Partial<Polling>;
  /** Connects it alone. */
  readonly link?: Link;
}

/** Starts a device in a temporary folder; the caller closes it with {@link discard}. */
export function startDevice({
  clock,
  office,
  person,
  name = `Person ${person}`,
  from,
  polling,
  link,
}: DeviceOptions): Device {
  const folder = from ?? mkdtempSync(join(tmpdir(), 'sotto-client-'));
  const account = accountOf(person);
  const database = Database.open(join(folder, 'profile.db'), KEY, from ? 'existing' : 'create');
  if (!from)
    new AccountTable(database).create({
      seed16: account.seed16,
      name,
      nameChangedAt: clock.now(),
      createdAt: clock.now(),
    });
  const random = seededRandom(`device ${devices++}`);
  const warnings: string[] = [];
  const store = new ProfileStore(database, account.accountId);
  const engine = new Messenger({
    store,
    // The engine wipes its account when it closes.
    account: accountOf(person),
    network: office.access(link),
    networkId: new Uint8Array(32).fill(7),
    files: new LocalFiles({ folder: join(folder, 'files'), table: new BlobTable(database), random, log: silentLogger }),
    transfers: office.fileServer,
    polling: { ...POLLING, ...polling },
    clock,
    random,
    log: { ...silentLogger, warn: (_, message) => void warnings.push(message) },
    backUp: (passphrase, closing) =>
      writeBackup(
        { database, folder, files: join(folder, 'files'), random, now: () => clock.now() },
        passphrase,
        closing,
      ),
    onClosed: () => database.close(),
  });
  return { account, engine, store, database, folder, warnings };
}

/** The account of a person of that number. */
export function accountOf(person: number): Account {
  return deriveAccount(new Uint8Array(16).fill(person));
}

/** Copies what a device has on disk right now, as a crash would leave it. */
export function copyOf(device: Device): string {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-client-'));
  cpSync(device.folder, folder, { recursive: true });
  return folder;
}

/** Stops a device and removes its folder. */
export async function discard(device: Device): Promise<void> {
  await device.engine.close();
  rmSync(device.folder, { recursive: true, force: true });
}

/** The messages of a conversation without notices, oldest first. */
export function texts(device: Device, conversationId: string): Message[] {
  return device.engine.messages(conversationId, { limit: 200 }).messages.filter(({ kind }) => kind === 'message');
}

/** Their bodies. */
export function bodies(device: Device, conversationId: string): string[] {
  return texts(device, conversationId).map(({ body }) => body);
}

/** Calls `committed` after every change that has reached the database's file. */
export function onCommit(database: Database, committed: () => void): void {
  let depth = 0;
  const patched = database as { run: Database['run']; transaction: Database['transaction'] };
  const run = database.run.bind(database);
  const transaction = database.transaction.bind(database);
  patched.run = (sql, parameters) => {
    const result = run(sql, parameters);
    if (depth === 0) committed();
    return result;
  };
  patched.transaction = <T>(work: () => T): T => {
    depth++;
    let result: T;
    try {
      result = transaction(work);
    } finally {
      depth--;
    }
    if (depth === 0) committed();
    return result;
  };
}
