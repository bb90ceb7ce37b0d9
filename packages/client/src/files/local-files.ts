import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex, type Random, wipe } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import { asDiskFull } from '../store/full-disk.ts';
import type { Logger } from '../surroundings.ts';
import type { BlobTable } from './blob-table.ts';
import { readSealed, SealedFileDamaged, writeSealed } from './sealed-file.ts';

const KEY_BYTES = 32;
const NAME_BYTES = 16;

/** What local files work with. */
export interface LocalFileParts {
  /** A folder of their own, made if it is missing. */
  readonly folder: string;
  readonly table: BlobTable;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * Files on this device, each sealed with a random key that lies in the encrypted database only: who deletes the key has
 * deleted the file, whatever the disk still holds. A file is in the table once it is complete.
 */
export class LocalFiles {
  readonly #parts: LocalFileParts;
  /** Those of this run: being written, or not named by anybody yet. */
  readonly #fresh = new Set<string>();

  constructor(parts: LocalFileParts) {
    this.#parts = parts;
    mkdirSync(parts.folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Keeps a file; gives its name. Durable when it resolves. @throws EngineError `disk-full`; the source's error
   */
  async add(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    const { table, random } = this.#parts;
    const name = bytesToHex(random(NAME_BYTES));
    const key = random(KEY_BYTES);
    this.#fresh.add(name);
    try {
      const pieces = source instanceof Uint8Array ? [source] : source;
      const size = await writeSealed(this.#path(name), pieces, key, random);
      table.add({ name, key, size });
      return name;
    } catch (error) {
      await this.#unlink(name);
      this.#fresh.delete(name);
      throw asDiskFull(error);
    } finally {
      wipe(key);
    }
  }

  /** Bytes of a file; `null` if it is not there. */
  size(name: string): number | null {
    return this.#parts.table.get(name)?.size ?? null;
  }

  /** The whole file. @throws EngineError `not-found` if it is not there (any more), or damaged */
  async read(name: string): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.size(name) ?? 0);
    let end = 0;
    for await (const piece of this.stream(name)) {
      bytes.set(piece, end);
      end += piece.length;
    }
    return bytes;
  }

  /** The file piece by piece. @throws EngineError `not-found` if it is not there, or at the first damaged piece */
  async *stream(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const record = this.#parts.table.get(name);
    if (!record) throw missing();
    try {
      yield* readSealed(this.#path(name), record.key);
    } catch (error) {
      const isLost = error instanceof SealedFileDamaged || (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isLost) throw missing();
      throw error;
    } finally {
      wipe(record.key);
    }
  }

  /** Deletes a file for good; nothing happens if it is not there. */
  async remove(name: string): Promise<void> {
    this.#parts.table.remove(name);
    await this.#unlink(name);
  }

  /**
   * Deletes what an ended run left: bytes without a key, keys without bytes, and, if `used` is given, files that it does
   * not name. Files of this run stay.
   */
  async tidy(used?: ReadonlySet<string>): Promise<void> {
    const { folder, table, log } = this.#parts;
    const isOld = (name: string) => !this.#fresh.has(name);
    const onDisk = new Set((await readdir(folder)).filter(isOld));
    const names = new Set(table.names().filter(isOld));
    const unwanted = [...names].filter((name) => !onDisk.has(name) || (used !== undefined && !used.has(name)));
    for (const name of unwanted) {
      table.remove(name);
      names.delete(name);
    }
    const orphans = [...onDisk].filter((name) => !names.has(name));
    for (const name of orphans) await this.#unlink(name);
    if (unwanted.length + orphans.length > 0) {
      log.info({ count: unwanted.length + orphans.length }, 'removed files that nothing needs');
    }
  }

  /** A file without its key is only noise; it goes at the next start at the latest. */
  async #unlink(name: string): Promise<void> {
    await rm(this.#path(name), { force: true }).catch(() => undefined);
  }

  #path(name: string): string {
    return join(this.#parts.folder, name);
  }
}

function missing(): EngineError {
  return new EngineError('not-found', 'the file is not on this device');
}
