import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineError } from '../engine.ts';
import { asDiskFull } from '../store/full-disk.ts';
import { type Entry, readEntries } from './entries.ts';
import { decodeManifest, LONGEST_MANIFEST, type Manifest } from './manifest.ts';
import { badBackup, openStream } from './sealed-stream.ts';

const FILE_NAME = /^[0-9a-f]{32}$/;

/** Where the parts of a backup are put; the folder of the files is made. */
export interface UnpackPlaces {
  readonly database: string;
  readonly files: string;
}

/**
 * Writes what is in a backup to an empty place and makes sure of it. All of it has been found authentic and complete when
 * it resolves; if it rejects, what lies there is to be removed.
 * @throws EngineError `wrong-passphrase`, `bad-backup`, `disk-full`
 */
export async function unpack(
  backup: AsyncIterable<Uint8Array>,
  passphrase: string,
  { database, files }: UnpackPlaces,
): Promise<Manifest> {
  let manifest: Manifest | null = null;
  let hasDatabase = false;
  const names = new Set<string>();
  try {
    await mkdir(files, { mode: 0o700 });
    for await (const entry of readEntries(openStream(backup, passphrase))) {
      if ((entry.kind === 'manifest') !== (manifest === null))
        throw badBackup('a part of the backup is in a wrong place');
      if (entry.kind === 'manifest') {
        manifest = await readManifest(entry);
      } else if (entry.kind === 'database') {
        if (hasDatabase) throw badBackup('the backup has two databases');
        hasDatabase = true;
        await write(database, entry);
      } else {
        if (!FILE_NAME.test(entry.name) || names.has(entry.name))
          throw badBackup('a file of the backup has no good name');
        names.add(entry.name);
        await write(join(files, entry.name), entry);
      }
    }
  } catch (error) {
    throw asDiskFull(error) as EngineError;
  }
  if (!manifest || !hasDatabase) throw badBackup('the backup has no database');
  return manifest;
}

async function readManifest({ size, content }: Entry): Promise<Manifest> {
  if (size > LONGEST_MANIFEST) throw badBackup('the backup says too much of itself');
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return decodeManifest(Buffer.concat(pieces));
}

async function write(path: string, { content }: Entry): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of content) await file.appendFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}
