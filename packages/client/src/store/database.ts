import { closeSync, existsSync, openSync } from 'node:fs';
import type Sqlite from '@signalapp/sqlcipher';
import { bytesToHex, wipe } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';
import { check, connect, keepPrivate, keyText } from './connection.ts';
import { asDiskFull } from './full-disk.ts';
import { migrate } from './migrations.ts';
import { copyOpenFile } from './open-file-copy.ts';
import { DatabaseDamaged, ignoreFailure, translated } from './sqlite-errors.ts';

/** What a column may hold. */
type SqlValue = string | number | null | Uint8Array;
/** One row by column name. */
export type Row = Record<string, SqlValue>;
/** Values of a statement's `@names`. */
export type SqlParameters = Readonly<Record<string, SqlValue>>;

/** SQLite's own choice. */
const CHECKPOINT_PAGES = 1000;

/**
 * One encrypted database with one writer. The file is locked as long as it is open; the operating system lifts the
 * lock when the process ends, however it ends.
 */
export class Database {
  readonly #path: string;
  #sqlite: Sqlite;
  #key: Uint8Array;
  #depth = 0;
  #closed = false;
  /** Of the file; open until the end, because to close it would lift the lock. */
  #descriptor: number | null = null;
  #isCopying = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, sqlite: Sqlite, key: Uint8Array) {
    this.#path = path;
    this.#sqlite = sqlite;
    this.#key = Uint8Array.from(key);
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
      const database = new Database(path, connect(path, key), key);
      try {
        if (mode === 'existing') {
          check(database.#sqlite, wasCut);
          onChecked(database);
        }
        migrate(database);
        return database;
      } catch (error) {
        database.close();
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
   * What concerns the file as a whole waits for its turn: {@link changeKey} in a running engine, {@link copyFile}, and
   * whatever is made of the copy with the key that it has.
   */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return await turn;
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
      wipe(this.#key);
      this.#key = Uint8Array.from(next);
    });
  }

  /** The key; the caller wipes it. */
  keyCopy(): Uint8Array {
    return this.#guarded(() => Uint8Array.from(this.#key));
  }

  /**
   * Copies the file, encrypted as it is, to a new one; call it {@link inTurn}. Meanwhile everything goes on: what is
   * written waits in the log beside the file, and is not in the copy.
   * @throws EngineError `disk-full`; `closed`, also when the signal aborts
   */
  async copyFile(path: string, signal: AbortSignal): Promise<void> {
    const descriptor = this.#guarded(() => {
      const [{ busy }] = this.#sqlite.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
      if (busy !== 0) throw new EngineError('profile-in-use', 'another process reads this profile');
      this.#descriptor ??= openSync(this.#path, 'r');
      // From now on SQLite writes to the log alone.
      this.#sqlite.pragma('wal_autocheckpoint = 0');
      return this.#descriptor;
    });
    this.#isCopying = true;
    try {
      await copyOpenFile(descriptor, path, () => {
        if (this.#closed || signal.aborted) throw closed();
      });
    } catch (error) {
      throw asDiskFull(error);
    } finally {
      this.#isCopying = false;
      if (this.#closed) this.#releaseFile();
      else this.#sqlite.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    }
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
    try {
      this.#sqlite.close();
    } finally {
      this.#end();
    }
  }

  /** Connects with the first key that fits; gives that one. */
  #reconnect([key, ...others]: readonly Uint8Array[]): Uint8Array {
    try {
      this.#sqlite = connect(this.#path, key!);
      return key!;
    } catch (error) {
      if (others.length > 0) return this.#reconnect(others);
      this.#end();
      throw error;
    }
  }

  #undo(statements: string): void {
    // It fails where SQLite has rolled back by itself, as it does on a full disk.
    ignoreFailure(() => this.#sqlite.exec(statements));
  }

  #guarded<T>(work: () => T): T {
    if (this.#closed) throw closed();
    return translated(work);
  }

  #end(): void {
    this.#closed = true;
    wipe(this.#key);
    if (!this.#isCopying) this.#releaseFile();
  }

  #releaseFile(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

function closed(): EngineError {
  return new EngineError('closed', 'the profile is closed');
}

/** The driver's type wants a plain ArrayBuffer behind blobs, and nothing at all for a statement without values. */
function native(
  parameters: SqlParameters,
): Record<string, string | number | null | Uint8Array<ArrayBuffer>> | undefined {
  if (Object.keys(parameters).length === 0) return undefined;
  return parameters as Record<string, string | number | null | Uint8Array<ArrayBuffer>>;
}
