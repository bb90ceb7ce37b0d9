import { readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex, type Random, wipe } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import { copyAside } from '../safety/copy-aside.ts';
import type { Database } from '../store/database.ts';
import { asDiskFull } from '../store/full-disk.ts';
import { newDatabaseKey } from '../store/key-file.ts';
import { type NewEntry, writeEntries } from './entries.ts';
import { encodeManifest } from './manifest.ts';
import { sealStream } from './sealed-stream.ts';

const COPY = /^backup-[0-9a-f]{16}\.db/;
const PIECE_BYTES = 65_536;

/** What is backed up. */
export interface BackupParts {
  readonly database: Database;
  /** Of the profile; a copy of the database lies there while the backup is read. */
  readonly folder: string;
  /** Where its files lie. */
  readonly files: string;
  readonly random: Random;
  /** Local time, ms. */
  readonly now: () => number;
}

/**
 * Everything of a profile as one encrypted stream: account, conversations, settings, files. Messages that disappear are
 * left out. As it is when the first piece is read; what changes meanwhile is not in it. The signal says that the engine closes.
 * @throws EngineError `wrong-passphrase` (empty), `disk-full`, `closed`
 */
export async function* writeBackup(
  parts: BackupParts,
  passphrase: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (passphrase === '') throw new EngineError('wrong-passphrase', 'a backup needs a passphrase');
  yield* sealStream(writeEntries(entriesOf(parts, signal)), passphrase, parts.random);
}

/** Removes copies that an ended run left. */
export function removeBackupCopies(folder: string): void {
  for (const name of readdirSync(folder)) if (COPY.test(name)) rmSync(join(folder, name), { force: true });
}

async function* entriesOf(
  { database, folder, files, random, now }: BackupParts,
  signal: AbortSignal,
): AsyncGenerator<NewEntry> {
  const path = join(folder, `backup-${bytesToHex(random(8))}.db`);
  const databaseKey = newDatabaseKey(random);
  try {
    await database.inTurn(() => copyAside(database, path, databaseKey, signal));
    const names = namesIn(database, path, databaseKey);
    const manifest = encodeManifest({ createdAt: now(), databaseKey });
    yield { kind: 'manifest', name: '', size: manifest.length, content: [manifest] };
    wipe(manifest);
    yield* fileEntry('database', '', path);
    for (const name of names) yield* fileEntry('file', name, join(files, name));
  } catch (error) {
    throw asDiskFull(error);
  } finally {
    wipe(databaseKey);
    for (const suffix of ['', '-wal', '-journal']) await rm(`${path}${suffix}`, { force: true });
  }
}

/** The files that the copy has keys of. */
function namesIn(database: Database, path: string, key: Uint8Array): string[] {
  return database
    .attached(path, key, (copy) => database.all(`SELECT name FROM ${copy}.blobs`))
    .map(({ name }) => name as string);
}

/** A file that is gone by now is left out: a message that had it was deleted. */
async function* fileEntry(kind: NewEntry['kind'], name: string, path: string): AsyncGenerator<NewEntry> {
  const file = await openIfThere(path);
  if (!file) return;
  try {
    const { size } = await file.stat();
    yield { kind, name, size, content: piecesOf(file) };
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const { bytesRead } = await file.read(piece);
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
  }
}
