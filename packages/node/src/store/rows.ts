import type { SQLOutputValue } from 'node:sqlite';
import { type StoredMessage, StoreFailure, type TouchedMessage } from './message-store.ts';

type Row = Record<string, SQLOutputValue>;

/** A row of the columns of a message. */
export function readMessage(row: Row): StoredMessage {
  return {
    hash: String(row.hash),
    account: bytesOf(row.account),
    namespace: numberOf(row.namespace),
    timestamp: numberOf(row.timestamp),
    expiry: numberOf(row.expiry),
    data: bytesOf(row.data),
  };
}

/** Rows of hash and namespace, sorted by hash. */
export function readTouched(rows: readonly Row[]): TouchedMessage[] {
  return rows
    .map((row) => ({ hash: String(row.hash), namespace: numberOf(row.namespace) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
}

/** An integer column; nothing is stored that a number does not hold. @throws StoreFailure `corrupt` if it is none. */
export function numberOf(value: SQLOutputValue | undefined): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw damaged();
}

/** A blob column. @throws StoreFailure `corrupt` if it is none. */
export function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw damaged();
}

/** In a damaged page SQLite may find columns that no table could have been given. */
function damaged(): StoreFailure {
  return new StoreFailure('corrupt', 'the message database is damaged');
}
