import { setImmediate as rest } from 'node:timers/promises';
import { contentFileId, runStepsResting } from '@sotto/wire/attachment';
import type { Log } from '../log.ts';
import { type BlobStore, StoreFull } from './blob-store.ts';
import type { FileEntry, FileIndex, IndexedFile } from './file-index.ts';
import { Locks } from './locks.ts';

/** Random ids that are tried before the answer is 507 (messages §9.2). */
const ID_ATTEMPTS = 25;
/** Expired files that are removed before others may use the store again. */
const REMOVED_AT_ONCE = 100;

/** What a file store works with. */
export interface FileStoreParts {
  readonly index: FileIndex;
  readonly blobs: BlobStore;
  readonly ids: 'content' | 'number';
  /** Bytes of all files together. */
  readonly maxTotalBytes: number;
  /** Unix ms. */
  readonly now: () => number;
  /** A random integer from 0 to 2^53 − 1. */
  readonly randomNumber: () => bigint;
  readonly log: Log;
}

/**
 * The files of a server. The index says which there are; it learns of a file before its bytes are written and again
 * after that, so that a crash in between is noticed and cleaned up, and nothing half-written is ever given out.
 */
export class FileStore {
  readonly #parts: FileStoreParts;
  readonly #locks = new Locks();
  #usage: { files: number; bytes: number };

  /** What a crash left is not given out; the first {@link cleanUp} removes it. */
  constructor(parts: FileStoreParts) {
    this.#parts = parts;
    this.#usage = { ...parts.index.usage() };
  }

  /** Files and bytes that are kept or being written. */
  usage(): { readonly files: number; readonly bytes: number } {
    return this.#usage;
  }

  /**
   * Keeps a file for `lifetime` ms from now; the same content again, under a content id, lives at least so long from now
   * (messages §9.2). @throws StoreFull
   */
  async add(body: Uint8Array, lifetime: number): Promise<FileEntry> {
    const { ids } = this.#parts;
    const id = ids === 'content' ? await runStepsResting(contentFileId(body), () => rest()) : this.#freeNumber();
    return await this.#locks.hold(id, async () => {
      const { index, blobs, now } = this.#parts;
      const uploadedAt = now();
      const old = index.get(id);
      const isKept = old?.state === 'kept' && (await blobs.has(id));
      const expiresAt = Math.max(isKept ? old.expiresAt : 0, uploadedAt + lifetime);
      const entry = { id, size: body.length, uploadedAt, expiresAt };
      if (isKept) index.put({ ...entry, state: 'kept' });
      else await this.#write(entry, body, old);
      return entry;
    });
  }

  /** A file that has not expired, and its bytes. */
  async get(id: string): Promise<{ readonly entry: FileEntry; readonly body: Uint8Array } | null> {
    const entry = this.info(id);
    if (!entry) return null;
    const body = await this.#parts.blobs.read(id);
    if (body?.length === entry.size) return { entry, body };
    // It may have been removed meanwhile; else somebody has damaged the folder or the bucket.
    const isLost = await this.#removeIf(id, ({ uploadedAt }) => uploadedAt === entry.uploadedAt);
    if (isLost) this.#parts.log.warn({}, 'A file was lost or damaged in the store and is forgotten.');
    return null;
  }

  /** What is known of a file that has not expired. */
  info(id: string): FileEntry | null {
    const file = this.#parts.index.get(id);
    return file?.state === 'kept' && file.expiresAt > this.#parts.now() ? file : null;
  }

  /** Lets a file live at least `lifetime` ms from now; `null` if there is none (messages §9.2). */
  async extend(id: string, lifetime: number): Promise<FileEntry | null> {
    return await this.#locks.hold(id, async () => {
      const old = this.info(id);
      if (!old) return null;
      const entry = { ...old, expiresAt: Math.max(old.expiresAt, this.#parts.now() + lifetime) };
      this.#parts.index.put({ ...entry, state: 'kept' });
      return entry;
    });
  }

  /** Removes some of the files that have expired or were never complete; gives how many. What fails is tried next time. */
  async cleanUp(): Promise<number> {
    const { index, now, log } = this.#parts;
    let removed = 0;
    let failed = 0;
    for (const { id } of index.removable(now(), REMOVED_AT_ONCE)) {
      try {
        const isOver = ({ state, expiresAt }: IndexedFile) => state === 'unsettled' || expiresAt <= now();
        if (await this.#removeIf(id, isOver)) removed++;
      } catch {
        failed++;
      }
    }
    if (failed > 0) log.error({ count: failed }, 'Some files could not be removed from the store.');
    return removed;
  }

  /** Resolves once running work is done and the index is closed. */
  async close(): Promise<void> {
    await this.#locks.idle();
    this.#parts.index.close();
  }

  /** Writes a file in the place of what a crash or a damage left of `old`. */
  async #write(entry: FileEntry, body: Uint8Array, old: FileEntry | null): Promise<void> {
    const more = entry.size - (old?.size ?? 0);
    if (this.#usage.bytes + more > this.#parts.maxTotalBytes) throw new StoreFull();
    this.#parts.index.put({ ...entry, state: 'unsettled' });
    this.#count(old ? 0 : 1, more);
    await this.#parts.blobs.write(entry.id, body);
    this.#parts.index.put({ ...entry, state: 'kept' });
  }

  /** Removes a file that meets a condition once its turn has come; gives whether it did. */
  async #removeIf(id: string, condition: (file: IndexedFile) => boolean): Promise<boolean> {
    return await this.#locks.hold(id, async () => {
      const { index, blobs } = this.#parts;
      const file = index.get(id);
      if (!file || !condition(file)) return false;
      index.put({ ...file, state: 'unsettled' });
      await blobs.remove(id);
      index.forget(id);
      this.#count(-1, -file.size);
      return true;
    });
  }

  #count(files: number, bytes: number): void {
    this.#usage = { files: this.#usage.files + files, bytes: this.#usage.bytes + bytes };
  }

  #freeNumber(): string {
    for (let attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
      const id = String(this.#parts.randomNumber());
      if (this.#parts.index.get(id) === null) return id;
    }
    throw new StoreFull();
  }
}
