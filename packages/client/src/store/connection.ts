import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import Sqlite, { setLogger } from '@signalapp/sqlcipher';
import { bytesToHex } from '@sotto/wire/bytes';
import { DatabaseDamaged, ignoreFailure } from './sqlite-errors.ts';

// SQLite and SQLCipher would write to the error output; what matters comes back as an error anyway.
setLogger(() => {});

/** A connection that nobody else can share. @throws if another process has the file, or the key does not fit. */
export function connect(path: string, key: Uint8Array): Sqlite {
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

/**
 * Reads every page once: SQLCipher authenticates pages, so damage anywhere shows here and not weeks later. `wholly`: also
 * whether the pages fit together, which takes three times as long (docs/performance.md).
 * @throws DatabaseDamaged; SQLite's error
 */
export function check(sqlite: Sqlite, wholly: boolean): void {
  const isWhole = wholly
    ? sqlite.pragma('quick_check(1)', { simple: true }) === 'ok'
    : sqlite.pragma('cipher_integrity_check').length === 0;
  if (!isWhole) throw new DatabaseDamaged('the database of the profile is damaged');
}

/** A 32-byte key as PRAGMAs of SQLCipher take it. */
export function keyText(key: Uint8Array): string {
  return `"x'${bytesToHex(key)}'"`;
}

/** Only the owner reads the file, and the log beside it, whose mode SQLite takes from it. */
export function keepPrivate(path: string): void {
  // Where the file cannot be opened, SQLite says so next.
  ignoreFailure(() => {
    // To open and close it would lift the lock of another connection of this process.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    if (process.platform !== 'win32') chmodSync(path, 0o600);
  });
}
