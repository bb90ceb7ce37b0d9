import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import Sqlite, { setLogger } from '@signalapp/sqlcipher';
import { bytesToHex } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import { migrate } from './migrations.ts';

/** What a column may hold. */
type SqlValue = string | number | null | Uint8Array;
/** One row by column name. */
export type Row = Record<string, SqlValue>;
/** Values of a statement's `@names`. */
export type SqlParameters = Readonly<Record<string, SqlValue>>;

/** The file of a database cannot be read as one, or not wholly. */
export class DatabaseDamaged extends EngineError {
  constructor(message: string) {
    super('profile-damaged', message);
  }
}

// SQLite and SQLCipher would write to the error output; what matters comes back as an error anyway.
setLogger(() => {});

/**
 * One encrypted database with one writer. The file is locked as long as it is open; the operating system lifts the
 * lock when the process ends, however it ends.
 */
export class Database {
  readonly #path: string;
  #sqlite: Sqlite;
  #depth = 0;
  #closed = false;

  private constructor(path: string, sqlite: Sqlite) {
    this.#path = path;
    this.#sqlite = sqlite;
  }

  /**
   * Creates a new database or opens an existing one with its 32-byte key, checks it and brings its schema up to date.
   * @param onChecked is called with an existing one that is whole, before its schema changes.
   * @throws DatabaseDamaged (also for a wrong key), EngineError `profile-in-use`, `profile-damaged`, `disk-full`
   */
  static open(
    path: string,
    key: Uint8Array,
    mode: 'create' | 'existing',
    onChecked: (database: Database) => void = () => {},
  ): Database {
    if (mode === 'existing' && !existsSync(path)) throw new DatabaseDamaged('the database is missing');
    return translated(() => {
      // A log beside the file: the last run did not end as it should.
      const wasCut = existsSync(`${path}-wal`);
      keepPrivate(path);
      const sqlite = connect(path, key);
      try {
        const database = new Database(path, sqlite);
        if (mode === 'existing') {
          check(sqlite, wasCut);
          onChecked(database);
        }
        migrate(database);
        return database;
      } catch (error) {
        sqlite.close();
        throw error;
      }
    });
  }

  /** Runs a statement; returns how many rows it changed and the id of an inserted row. */
  run(sql: string, parameters: SqlParameters = {}): { readonly changes: number; readonly lastId: number } {
    return this.#guarded(() => {
      const { changes, lastInsertRowid } = this.#sqlite.prepare(sql).run(native(parameters));
      return { changes, lastId: lastInsertRowid };
    });
  }

  /** The first row, or `null`. */
  get(sql: string, parameters: SqlParameters = {}): Row | null {
    return this.#guarded(() => (this.#sqlite.prepare(sql).get(native(parameters)) as Row | undefined) ?? null);
  }

  /** All rows. */
  all(sql: string, parameters: SqlParameters = {}): Row[] {
    return this.#guarded(() => this.#sqlite.prepare(sql).all(native(parameters)) as Row[]);
  }

  /** Runs statements that take no values. */
  script(sql: string): void {
    this.#guarded(() => this.#sqlite.exec(sql));
  }

  /** All or nothing; a transaction inside a transaction is undone alone. `work` must not wait for anything. */
  transaction<T>(work: () => T): T {
    return this.#guarded(() => {
      const savepoint = `depth${this.#depth}`;
      const outermost = this.#depth === 0;
      this.#sqlite.prepare(outermost ? 'BEGIN IMMEDIATE' : `SAVEPOINT ${savepoint}`).run();
      this.#depth++;
      try {
        const result = work();
        this.#sqlite.prepare(outermost ? 'COMMIT' : `RELEASE ${savepoint}`).run();
        return result;
      } catch (error) {
        this.#undo(outermost ? 'ROLLBACK' : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
        throw error;
      } finally {
        this.#depth--;
      }
    });
  }

  /**
   * Encrypts the whole file with another 32-byte key, in one transaction. `current` is the key that it has.
   * @throws EngineError `disk-full` if it cannot be done: the file has its current key still, and this stays usable.
   */
  changeKey(current: Uint8Array, next: Uint8Array): void {
    this.#guarded(() => {
      this.#sqlite.pragma('wal_checkpoint(TRUNCATE)');
      ignoreFailure(() => this.#sqlite.pragma(`rekey = ${keyText(next)}`));
      // SQLCipher may say "ok" to a change that failed, and mixes up its keys then. Which key opens the file is the truth.
      this.#sqlite.close();
      if (this.#reconnect([next, current]) === current) {
        throw new EngineError('disk-full', 'the database could not be written anew');
      }
    });
  }

  /** The words of a text as the search index knows them. */
  tokens(text: string): readonly string[] {
    return this.#guarded(() => this.#sqlite.signalTokenize(text));
  }

  /** Reads all of it, every structure included. @throws DatabaseDamaged */
  checkWholly(): void {
    this.#guarded(() => check(this.#sqlite, true));
  }

  /** Writes a compact copy with the same key to a new file. @throws EngineError `disk-full` */
  copyTo(path: string): void {
    keepPrivate(path);
    this.run('VACUUM INTO @path', { path });
  }

  /** Writes a copy with another 32-byte key to a new file. @throws EngineError `disk-full` */
  exportTo(path: string, key: Uint8Array): void {
    keepPrivate(path);
    this.attached(path, key, (copy) => {
      this.script(`SELECT sqlcipher_export('${copy}')`);
      this.script(`PRAGMA ${copy}.user_version = ${this.get('PRAGMA user_version')?.user_version}`);
    });
  }

  /**
   * Runs `work` while the tables of another file can be named with the prefix that it is called with; `key` is
   * absent for the key of this one. @throws DatabaseDamaged if the other one cannot be read
   */
  attached<T>(path: string, key: Uint8Array | null, work: (name: string) => T): T {
    const name = 'other';
    if (key) this.run(`ATTACH @path AS ${name} KEY @key`, { path, key: `x'${bytesToHex(key)}'` });
    else this.run(`ATTACH @path AS ${name}`, { path });
    try {
      return work(name);
    } finally {
      ignoreFailure(() => this.#sqlite.exec(`DETACH ${name}`));
    }
  }

  /** Writes everything to the main file and closes it. Further calls throw `closed`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sqlite.close();
  }

  /** Connects with the first key that fits; gives that one. */
  #reconnect([key, ...others]: readonly Uint8Array[]): Uint8Array {
    try {
      this.#sqlite = connect(this.#path, key!);
      return key!;
    } catch (error) {
      if (others.length > 0) return this.#reconnect(others);
      this.#closed = true;
      throw error;
    }
  }

  #undo(statements: string): void {
    // It fails where SQLite has rolled back by itself, as it does on a full disk.
    ignoreFailure(() => this.#sqlite.exec(statements));
  }

  #guarded<T>(work: () => T): T {
    if (this.#closed) throw new EngineError('closed', 'the profile is closed');
    return translated(work);
  }
}

/** A connection that nobody else can share. @throws if another process has the file, or the key does not fit. */
function connect(path: string, key: Uint8Array): Sqlite {
  const sqlite = new Sqlite(path, { cacheStatements: true });
  try {
    sqlite.pragma('cipher_log_level = NONE');
    sqlite.pragma(`key = ${keyText(key)}`);
    // Before WAL, so that the lock is taken at the first read and no shared memory file is needed.
    sqlite.pragma('locking_mode = EXCLUSIVE');
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    sqlite.pragma('secure_delete = ON');
    sqlite.pragma('temp_store = MEMORY');
    // The first read: only now a wrong key shows.
    sqlite.pragma('user_version');
    sqlite.initTokenizer();
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

function keyText(key: Uint8Array): string {
  return `"x'${bytesToHex(key)}'"`;
}

/** Only the owner reads the file, and the log beside it, whose mode SQLite takes from it. */
function keepPrivate(path: string): void {
  // Where the file cannot be opened, SQLite says so next.
  ignoreFailure(() => {
    // To open and close it would lift the lock of another connection of this process.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    if (process.platform !== 'win32') chmodSync(path, 0o600);
  });
}

function ignoreFailure(work: () => void): void {
  try {
    work();
  } catch {
    // Whoever calls this says why it does not matter.
  }
}

/** The driver's type wants a plain ArrayBuffer behind blobs, and nothing at all for a statement without values. */
function native(
  parameters: SqlParameters,
): Record<string, string | number | null | Uint8Array<ArrayBuffer>> | undefined {
  if (Object.keys(parameters).length === 0) return undefined;
  return parameters as Record<string, string | number | null | Uint8Array<ArrayBuffer>>;
}

/**
 * Reads every page once: SQLCipher authenticates pages, so damage anywhere shows here and not weeks later. `wholly`: also
 * whether the pages fit together, which takes three times as long (docs/performance.md).
 */
function check(sqlite: Sqlite, wholly: boolean): void {
  const isWhole = wholly
    ? sqlite.pragma('quick_check(1)', { simple: true }) === 'ok'
    : sqlite.pragma('cipher_integrity_check').length === 0;
  if (!isWhole) throw new DatabaseDamaged('the database of the profile is damaged');
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asEngineError(error);
  }
}

function asEngineError(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (error instanceof EngineError || typeof code !== 'string') return error;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return new EngineError('profile-in-use', 'another process uses this profile');
  if (/^SQLITE_FULL/.test(code)) return new EngineError('disk-full', 'the disk is full');
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return new DatabaseDamaged('the database of the profile is damaged');
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY)/.test(code)) {
    return new EngineError('profile-damaged', `the database of the profile cannot be used (${code})`);
  }
  return error;
}
