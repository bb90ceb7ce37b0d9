import type { DatabaseSync } from 'node:sqlite';
import { StoreFailure } from './message-store.ts';
import { storeFailure } from './sqlite-errors.ts';

interface QueuedWrite {
  run(): void;
  resolve(): void;
  reject(error: StoreFailure): void;
}

/**
 * Group commit: writes that arrive within one turn of the event loop share a transaction, and each caller's promise
 * resolves after the commit. One sync to disk then serves a whole burst. A write that fails takes only itself down: the
 * group is rolled back and its writes are done again one by one.
 */
export class WriteQueue {
  readonly #database: DatabaseSync;
  #queued: QueuedWrite[] = [];
  readonly #accounts = new Set<string>();
  #closed = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Queues an operation on an account (`null`: on many); resolves with its result once that is committed. */
  write<Result>(account: Uint8Array | null, operation: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#closed) {
        reject(new StoreFailure('closed', 'the message store is closed'));
        return;
      }
      let result: Result;
      if (this.#queued.length === 0) setImmediate(() => this.flush());
      if (account) this.#accounts.add(nameOf(account));
      this.#queued.push({
        run: () => {
          result = operation();
        },
        resolve: () => resolve(result),
        reject,
      });
    });
  }

  /** Commits what is queued now if some of it is on this account, so that who reads it finds what was asked before. */
  flushFor(account: Uint8Array): void {
    if (this.#queued.length > 0 && this.#accounts.has(nameOf(account))) this.flush();
  }

  /** Commits what is queued now. */
  flush(): void {
    const group = this.#queued;
    this.#queued = [];
    this.#accounts.clear();
    if (group.length === 0) return;
    const failure = this.#transaction(group);
    if (!failure) {
      for (const write of group) write.resolve();
    } else if (group.length === 1) {
      group[0]!.reject(failure);
    } else {
      for (const write of group) {
        const ownFailure = this.#transaction([write]);
        if (ownFailure) write.reject(ownFailure);
        else write.resolve();
      }
    }
  }

  /** Commits what is queued and refuses everything after. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  #transaction(group: readonly QueuedWrite[]): StoreFailure | null {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const write of group) write.run();
      this.#database.exec('COMMIT');
      return null;
    } catch (error) {
      // SQLite itself rolls back after some errors (disk full), so there may be nothing left to roll back.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      return storeFailure(error);
    }
  }
}

function nameOf(account: Uint8Array): string {
  return Buffer.from(account.buffer, account.byteOffset, account.length).toString('latin1');
}
