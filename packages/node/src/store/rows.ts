import type { SQLOutputValue } from 'node:sqlite';
import type { StoredMessage, TouchedMessage } from './message-store.ts';

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

/** An integer column; nothing is stored that a number does not hold. */
export function numberOf(value: SQLOutputValue | undefined): number {
  return Number(value);
}

/** A blob column. */
export function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value as Uint8Array;
}
