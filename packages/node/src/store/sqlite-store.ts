import { DatabaseSync } from 'node:sqlite';
import { bytesToHex } from '@sotto/wire/bytes';
import { takeCensus } from './census.ts';
import {
  type DebtStore,
  type ExpireMode,
  type ExpireOutcome,
  type MessageStore,
  type NamespaceChoice,
  type RetrievedPage,
  type RetrieveRange,
  type StoreCensus,
  type StoredMessage,
  StoreFailure,
  type StoreOutcome,
  type StoreUsage,
  type SyncStore,
  type TouchedMessage,
} from './message-store.ts';
import { RangeSummaries } from './range-summaries.ts';
import { bytesOf, numberOf, readMessage, readTouched } from './rows.ts';
import { migrate } from './schema.ts';
import { SqliteDebts } from './sqlite-debts.ts';
import { storeFailure } from './sqlite-errors.ts';
import { SqliteSync } from './sqlite-sync.ts';
import { type ExecutedOperation, StateTable } from './state-table.ts';
import { prepareStatements, type Statements } from './statements.ts';
import { WriteQueue } from './write-queue.ts';

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions {
  /** File of the database; its folder must exist. */
  readonly path: string;
  /** Size of the database at most, in bytes; default 10 GiB (storage-rpc §1). */
  readonly maxBytes?: number;
  /**
   * What an acknowledged write survives. `power-cut` (default): the sudden end of process, system or power, one sync to
   * disk a group of writes. `process-kill`: the end of the process only; at a power cut the last seconds may be lost.
   */
  readonly durability?: 'power-cut' | 'process-kill';
}

const DEFAULT_MAX_BYTES = 10 * 1024 ** 3;
const MAX_REVOCATIONS = 50;
/** Bytes that an answer spends on a message beside its data: JSON around it, and the hash (storage-rpc §8.2). */
const MESSAGE_OVERHEAD = 100 + 43;
/** Deleting in portions keeps a clean-up of very many messages from blocking the event loop. */
const CLEAN_UP_PORTION = 1000;
/** Messages that one scan gives at most; small ones add up too. */
const MAX_SCANNED = 2000;
const MISSED_REQUEST_LIFETIME_MS = 3_600_000;

/**
 * Opens, or creates, the embedded message store: one SQLite file in WAL mode, so that a commit survives SIGKILL, and
 * with
 * `synchronous = FULL` (see {@link SqliteStoreOptions.durability}) a power cut too.
 * @throws StoreFailure if the file cannot be opened, is no database, is in use, or belongs to a newer version.
 */
export function openSqliteStore(options: SqliteStoreOptions): MessageStore {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(options.path);
    // Keeps a second node off the same folder, and saves the shared memory of WAL.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(`PRAGMA synchronous = ${options.durability === 'process-kill' ? 'NORMAL' : 'FULL'}`);
    database.exec('PRAGMA cache_size = -4096');
    database.exec('PRAGMA journal_size_limit = 16777216');
    migrate(database);
    return new SqliteStore(database, options.maxBytes ?? DEFAULT_MAX_BYTES);
  } catch (error) {
    database?.close();
    throw storeFailure(error);
  }
}

class SqliteStore implements MessageStore {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #writes: WriteQueue;
  readonly #maxBytes: number;
  readonly #states: StateTable;
  readonly #summaries: RangeSummaries;
  readonly sync: SyncStore;
  readonly debts: DebtStore;

  constructor(database: DatabaseSync, maxBytes: number) {
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.#writes = new WriteQueue(database);
    this.#maxBytes = maxBytes;
    this.#states = new StateTable(database);
    this.#summaries = new RangeSummaries(this.#states);
    const parts = {
      read: <Result>(query: () => Result) => this.#read(null, query),
      write: <Result>(operation: () => Result) => this.#writes.write(null, operation),
    };
    this.debts = new SqliteDebts({ ...parts, statements: this.#statements });
    this.sync = new SqliteSync({
      ...parts,
      statements: this.#statements,
      states: this.#states,
      summaries: this.#summaries,
    });
    const pageSize = numberOf(database.prepare('PRAGMA page_size').get()?.page_size);
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
  }

  store(message: StoredMessage, outbox: boolean): Promise<StoreOutcome> {
    return this.#writes.write(message.account, () => this.#storeOne(message, outbox));
  }

  storeAll(messages: readonly StoredMessage[], isOutbox: (namespace: number) => boolean): Promise<void> {
    return this.#writes.write(null, () => {
      for (const message of messages) {
        if (!this.#states.changed(message.account, message.hash)) this.#storeOne(message, isOutbox(message.namespace));
      }
    });
  }

  #storeOne(message: StoredMessage, outbox: boolean): StoreOutcome {
    const { hash, account, namespace, timestamp, expiry, data } = message;
    const statements = this.#statements;
    this.#summaries.mark(account);
    if (outbox) {
      const newer = statements.newestOther.get(account, namespace, hash);
      // Equal timestamps: the later store wins, as it would with the reference.
      if (newer && numberOf(newer.timestamp) > timestamp) return { isNew: false, expiry };
      statements.deleteOthers.run(account, namespace, hash);
    }
    const existing = statements.expiryByHash.get(hash);
    if (existing) {
      const before = numberOf(existing.expiry);
      if (expiry <= before) return { isNew: false, expiry: before };
      statements.setExpiryByHash.run(expiry, hash);
      return { isNew: false, expiry };
    }
    statements.insert.run(hash, account, namespace, timestamp, expiry, data);
    this.#states.stored(account, hash);
    return { isNew: true, expiry };
  }

  retrieve(account: Uint8Array, namespace: number, range: RetrieveRange): RetrievedPage {
    return this.#read(account, () => {
      const statements = this.#statements;
      const cursor = range.after ? statements.sequenceInMailbox.get(range.after, account, namespace) : undefined;
      const messages: StoredMessage[] = [];
      let size = 0;
      for (const row of statements.mailboxAfter.iterate(account, namespace, cursor ? numberOf(cursor.sequence) : 0)) {
        const message = readMessage(row);
        size += MESSAGE_OVERHEAD + Math.floor((4 * message.data.length) / 3);
        const countReached = range.maxCount !== undefined && messages.length >= range.maxCount;
        if (countReached || (messages.length > 0 && size > range.maxSize)) return { messages, more: true };
        messages.push(message);
      }
      return { messages, more: false };
    });
  }

  delete(account: Uint8Array, hashes: readonly string[], by?: ExecutedOperation): Promise<string[]> {
    return this.#change(account, () => {
      const { deleteByHash } = this.#statements;
      const deleted = [...new Set(hashes)].filter((hash) => deleteByHash.run(hash, account).changes > 0).sort();
      if (by) this.#states.removed(account, deleted, by);
      return deleted;
    });
  }

  deleteAll(
    account: Uint8Array,
    namespace: NamespaceChoice,
    before?: number,
    by?: ExecutedOperation,
  ): Promise<TouchedMessage[]> {
    const until = before ?? Number.MAX_SAFE_INTEGER;
    return this.#change(account, () => {
      const deleted = readTouched(
        namespace === 'all'
          ? this.#statements.deleteAccount.all(account, until)
          : this.#statements.deleteMailbox.all(account, namespace, until),
      );
      if (by) this.#states.removed(account, deleted.map(hashOf), by);
      return deleted;
    });
  }

  expire(
    account: Uint8Array,
    hashes: readonly string[],
    expiries: readonly number[],
    mode: ExpireMode,
    by?: ExecutedOperation,
  ): Promise<ExpireOutcome> {
    return this.#change(account, () => {
      const shortened = new Map<string, number>();
      const updated = new Map<string, number>();
      const unchanged = new Map<string, number>();
      for (const [index, hash] of hashes.entries()) {
        const expiry = expiries.length === 1 ? expiries[0]! : expiries[index]!;
        const row = this.#statements.expiryInAccount.get(hash, account);
        if (!row) continue;
        const before = numberOf(row.expiry);
        if ((mode === 'extend' && expiry <= before) || (mode === 'shorten' && expiry >= before)) {
          if (!updated.has(hash)) unchanged.set(hash, before);
          continue;
        }
        this.#statements.setExpiryByHash.run(expiry, hash);
        unchanged.delete(hash);
        updated.set(hash, expiry);
        if (expiry < before) shortened.set(hash, expiry);
      }
      if (by) this.#states.shortened(account, shortened, by);
      return { updated: sortedByHash(updated), unchanged: sortedByHash(unchanged) };
    });
  }

  expireAll(
    account: Uint8Array,
    namespace: NamespaceChoice,
    expiry: number,
    by?: ExecutedOperation,
  ): Promise<TouchedMessage[]> {
    return this.#change(account, () => {
      const shortened = readTouched(
        namespace === 'all'
          ? this.#statements.shortenAccount.all(expiry, account, expiry)
          : this.#statements.shortenMailbox.all(expiry, account, namespace, expiry),
      );
      if (by) this.#states.shortened(account, new Map(shortened.map(({ hash }) => [hash, expiry])), by);
      return shortened;
    });
  }

  expiries(account: Uint8Array, hashes: readonly string[]): Map<string, number> {
    return this.#read(account, () => {
      const found = new Map<string, number>();
      for (const hash of hashes) {
        const row = this.#statements.expiryInAccount.get(hash, account);
        if (row) found.set(hash, numberOf(row.expiry));
      }
      return found;
    });
  }

  revoke(
    account: Uint8Array,
    tokens: readonly Uint8Array[],
    now: number,
    by?: ExecutedOperation & { readonly timestamp: number },
  ): Promise<void> {
    return this.#change(account, () => {
      for (const token of tokens) {
        this.#statements.removeRevocation.run(account, token);
        this.#statements.addRevocation.run(account, token, now);
      }
      this.#statements.trimRevocations.run(account, account, MAX_REVOCATIONS);
      if (by) this.#states.revoked(account, tokens, 'revoked', by, by.timestamp);
    });
  }

  unrevoke(
    account: Uint8Array,
    tokens: readonly Uint8Array[],
    by?: ExecutedOperation & { readonly timestamp: number },
  ): Promise<number> {
    return this.#change(account, () => {
      const different = new Map(tokens.map((token) => [bytesToHex(token), token]));
      const removed = [...different.values()].filter(
        (token) => this.#statements.removeRevocation.run(account, token).changes > 0,
      );
      if (by) this.#states.revoked(account, removed, 'unrevoked', by, by.timestamp);
      return removed.length;
    });
  }

  isRevoked(account: Uint8Array, token: Uint8Array): boolean {
    return this.#read(account, () => this.#statements.isRevoked.get(account, token) !== undefined);
  }

  revoked(account: Uint8Array): Uint8Array[] {
    return this.#read(account, () => this.#statements.revoked.all(account).map((row) => bytesOf(row.token)));
  }

  async removeExpired(now: number): Promise<number> {
    await this.#writes.write(null, () => {
      this.#statements.dropOldRequests.run(now - MISSED_REQUEST_LIFETIME_MS);
      this.#states.removeOld(now);
    });
    let total = 0;
    for (;;) {
      const removed = await this.#writes.write(null, () => {
        const accounts = this.#statements.deleteExpired.all(now, CLEAN_UP_PORTION).map((row) => bytesOf(row.account));
        for (const account of accounts) this.#summaries.mark(account);
        return accounts.length;
      });
      total += removed;
      if (removed < CLEAN_UP_PORTION) return total;
    }
  }

  scan(afterSequence: number, maxBytes: number): { sequence: number; message: StoredMessage }[] {
    return this.#read(null, () => {
      const found: { sequence: number; message: StoredMessage }[] = [];
      let size = 0;
      for (const row of this.#statements.scan.iterate(afterSequence, MAX_SCANNED)) {
        const message = readMessage(row);
        size += message.data.length;
        if (found.length > 0 && size > maxBytes) break;
        found.push({ sequence: numberOf(row.sequence), message });
      }
      return found;
    });
  }

  accounts(): Uint8Array[] {
    return this.#read(null, () => this.#statements.accounts.all().map((row) => bytesOf(row.account)));
  }

  usage(): StoreUsage {
    return this.#read(null, () => {
      const row = this.#statements.usage.get();
      return {
        isEmpty: numberOf(row?.is_empty) === 1,
        usedBytes: numberOf(row?.used),
        fileBytes: numberOf(row?.file),
        maxBytes: this.#maxBytes,
      };
    });
  }

  census(): Promise<StoreCensus> {
    return takeCensus((after, most) =>
      this.#read(null, () =>
        (after
          ? this.#statements.mailboxesAfter.all(after.account, after.namespace, most)
          : this.#statements.mailboxes.all(most)
        ).map(({ account, namespace, messages }) => ({
          account: bytesOf(account),
          namespace: numberOf(namespace),
          messages: numberOf(messages),
        })),
      ),
    );
  }

  /** Writes something that may take messages or rights of an account away. */
  #change<Result>(account: Uint8Array, operation: () => Result): Promise<Result> {
    return this.#writes.write(account, () => {
      this.#summaries.mark(account);
      return operation();
    });
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    this.#writes.close();
    this.#database.close();
  }

  #read<Result>(account: Uint8Array | null, query: () => Result): Result {
    if (!this.#database.isOpen) throw new StoreFailure('closed', 'the message store is closed');
    if (account) this.#writes.flushFor(account);
    try {
      return query();
    } catch (error) {
      throw storeFailure(error);
    }
  }
}

const hashOf = ({ hash }: TouchedMessage): string => hash;

function sortedByHash(entries: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
