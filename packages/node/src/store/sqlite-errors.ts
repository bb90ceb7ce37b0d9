import { StoreFailure, type StoreFailureCode } from './message-store.ts';

const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
const BUSY = 5;
const LOCKED = 6;

const MEANING: Readonly<Record<number, readonly [StoreFailureCode, string]>> = {
  [BUSY]: ['busy', 'another program holds the message database'],
  [LOCKED]: ['busy', 'another program holds the message database'],
  [READ_ONLY]: ['read-only', 'the message database cannot be written: check the permissions of its folder'],
  [IO_ERROR]: ['failed', 'the disk failed while the message database was used'],
  [CORRUPT]: ['corrupt', 'the message database is damaged'],
  [FULL]: ['full', 'the message database is full: its size limit or the disk is used up'],
  [CANNOT_OPEN]: ['failed', 'the message database cannot be opened: check its folder and free space'],
  [NOT_A_DATABASE]: ['corrupt', 'the message database file is not a database'],
};

/** SQLite's error as ours. SQLite's own text is left out because it may quote values. */
export function storeFailure(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const code = (error as { errcode?: unknown } | null)?.errcode;
  const primary = typeof code === 'number' ? code & 0xff : 0;
  const [kind, text] = MEANING[primary] ?? ['failed', `the message database failed (SQLite error ${primary})`];
  return new StoreFailure(kind, text);
}
