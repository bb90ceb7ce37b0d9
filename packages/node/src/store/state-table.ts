import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  isNewerState,
  isRevocation,
  kindNumber,
  kindOfNumber,
  revocationId,
  type SignedOperation,
  type SyncContent,
  type SyncKind,
  type SyncState,
} from '@sotto/wire/sync';
import { bytesOf, numberOf, readMessage } from './rows.ts';

/** A client's request that takes something away, and when it is executed (Unix milliseconds). */
export interface ExecutedOperation extends SignedOperation {
  readonly at: number;
}

/** A state and the account (33 bytes) that it belongs to. */
export interface AccountState {
  readonly account: Uint8Array;
  readonly state: SyncState;
}

const DAY_MS = 86_400_000;
/**
 * No copy of a message, wherever it was made, can live longer than 30 days after the request that took it away
 * (storage-rpc §8.7); so long it is remembered, and two days more for clocks that are wrong.
 */
const REMEMBERED_MS = 32 * DAY_MS;
/** About 700 hashes. What larger requests do is remembered, but others do not believe it. */
export const MOST_OPERATION_BYTES = 32_768;
const FOREVER = Number.MAX_SAFE_INTEGER;
/** Twice the revocations that count (storage-rpc §8.8), so that what was taken back is remembered too. */
const REVOCATIONS_REMEMBERED = 100;

/**
 * What the node knows of messages beyond that they are there (sync §3): which were deleted, shortened or stored again,
 * and by which signed requests; and who was revoked. Its methods are steps of a transaction of the store.
 */
export class StateTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
  }

  /** A client stored a message that was not there; if it was deleted before, it lives again. */
  stored(account: Uint8Array, hash: string): void {
    const before = this.#statements.change.get(account, hash);
    if (!before) return;
    this.#statements.revive.run(account, hash);
    this.#dropUnused(before.operation);
  }

  /** The recorded state, if the message was ever changed; of a message that is there its expiry may be another. */
  changed(account: Uint8Array, hash: string): SyncState | undefined {
    const row = this.#statements.change.get(account, hash);
    return row && readState(row);
  }

  removed(account: Uint8Array, hashes: readonly string[], by: ExecutedOperation): void {
    if (hashes.length === 0) return;
    const operation = this.addOperation(account, by, by.at);
    for (const hash of hashes) this.#advance(account, hash, 'deleted', 0, operation, by.at);
  }

  /** The expiries, by hash, are earlier now. */
  shortened(account: Uint8Array, expiries: ReadonlyMap<string, number>, by: ExecutedOperation): void {
    if (expiries.size === 0) return;
    const operation = this.addOperation(account, by, by.at);
    for (const [hash, expiry] of expiries) this.#advance(account, hash, 'kept', expiry, operation, by.at);
  }

  /** Subaccounts lost their rights or have them again, by a request of this time. */
  revoked(
    account: Uint8Array,
    tokens: readonly Uint8Array[],
    kind: 'revoked' | 'unrevoked',
    by: ExecutedOperation,
    timestamp: number,
  ): void {
    if (tokens.length === 0) return;
    const operation = this.addOperation(account, by, by.at);
    for (const token of tokens) {
      this.set(account, { id: revocationId(account, token), revision: timestamp, kind, expiry: 0 }, operation, by.at);
    }
  }

  /** Records a state unless the known one is newer. */
  set(account: Uint8Array, state: SyncState, operation: number | null, at: number): void {
    const before = this.#statements.change.get(account, state.id);
    if (!isNewerState(state, before && readState(before))) return;
    const end = state.kind === 'revoked' ? FOREVER : at + REMEMBERED_MS;
    const { id, revision, kind, expiry } = state;
    this.#statements.set.run(account, id, revision, kindNumber(kind), expiry, operation, end);
    this.#dropUnused(before?.operation);
    if (isRevocation(state)) this.#trimRevocations(account);
  }

  /** Keeps a request of a client as long as what it did is remembered; gives its number, `null` for too large ones. */
  addOperation(account: Uint8Array, { method, params }: SignedOperation, at: number): number | null {
    if (params.length > MOST_OPERATION_BYTES) return null;
    const end = method === 'revoke_subaccount' ? FOREVER : at + REMEMBERED_MS;
    return Number(this.#statements.addOperation.run(account, method, params, end).lastInsertRowid);
  }

  /** Forgets what no copy can contradict any more. */
  removeOld(now: number): void {
    this.#statements.dropChanges.run(now);
    this.#statements.dropOperations.run(now);
  }

  /** All states of accounts between the two, bounds included. */
  *between(first: Uint8Array, last: Uint8Array): Generator<AccountState> {
    for (const row of this.#statements.messagesBetween.iterate(first, last)) {
      yield { account: bytesOf(row.account), state: { ...readState(row), kind: 'kept' } };
    }
    yield* this.#goneBetween(first, last);
  }

  /** States of the next messages after a sequence number, and the number of the last one. */
  page(afterSequence: number, count: number): { readonly states: AccountState[]; readonly last: number } {
    let last = afterSequence;
    const states = this.#statements.messagePage.all(afterSequence, count).map((row) => {
      last = numberOf(row.sequence);
      return { account: bytesOf(row.account), state: { ...readState(row), kind: 'kept' as const } };
    });
    return { states, last };
  }

  /** States of everything that is no message here. */
  *gone(): Generator<AccountState> {
    yield* this.#goneBetween(new Uint8Array(), new Uint8Array(34).fill(0xff));
  }

  *#goneBetween(first: Uint8Array, last: Uint8Array): Generator<AccountState> {
    for (const row of this.#statements.goneBetween.iterate(first, last)) {
      yield { account: bytesOf(row.account), state: readState(row) };
    }
  }

  /** All that is known by an id, with what another node needs to take it over. */
  *contents(id: string): Generator<SyncContent & { readonly account: Uint8Array }> {
    const row = this.#statements.messageByHash.get(id);
    if (row) {
      const message = readMessage(row);
      const change = this.#statements.change.get(message.account, id);
      const state = { id, revision: numberOf(change?.revision ?? 0), kind: 'kept' as const, expiry: message.expiry };
      yield { account: message.account, state, message, operation: this.#readOperation(change?.operation) };
    }
    for (const change of this.#statements.changesByHash.all(id)) {
      const account = bytesOf(change.account);
      if (row && Buffer.compare(bytesOf(row.account), account) === 0) continue;
      yield { account, state: readState(change), message: null, operation: this.#readOperation(change.operation) };
    }
  }

  #advance(
    account: Uint8Array,
    hash: string,
    kind: SyncKind,
    expiry: number,
    operation: number | null,
    at: number,
  ): void {
    const before = this.#statements.change.get(account, hash);
    this.#statements.advance.run(account, hash, kindNumber(kind), expiry, operation, at + REMEMBERED_MS);
    this.#dropUnused(before?.operation);
  }

  #trimRevocations(account: Uint8Array): void {
    for (const { hash, operation } of this.#statements.oldRevocations.all(account, REVOCATIONS_REMEMBERED)) {
      this.#statements.dropChange.run(account, hash!);
      this.#dropUnused(operation);
    }
  }

  /** A request is kept while something shows by it; else repeating one could fill the disk. */
  #dropUnused(operation: unknown): void {
    if (typeof operation === 'number') this.#statements.dropOperation.run(operation, operation);
  }

  readonly #operationsRead = new Map<number, WeakRef<SignedOperation>>();

  /** The same object for the same operation, so that one which made many states is written once. */
  #readOperation(number: unknown): SignedOperation | null {
    if (number === null || number === undefined) return null;
    const known = this.#operationsRead.get(Number(number))?.deref();
    if (known) return known;
    const row = this.#statements.operation.get(Number(number));
    if (!row) return null;
    const operation = { method: String(row.method), params: bytesOf(row.params) };
    if (this.#operationsRead.size > 1000) this.#operationsRead.clear();
    this.#operationsRead.set(Number(number), new WeakRef(operation));
    return operation;
  }
}

type Row = NonNullable<ReturnType<StatementSync['get']>>;

function readState(row: Row): SyncState {
  const kind: SyncKind = kindOfNumber(numberOf(row.kind ?? 0));
  return { id: String(row.hash), revision: numberOf(row.revision), kind, expiry: numberOf(row.expiry) };
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string) => database.prepare(sql);
  const columns = 'account, hash, revision, kind, expiry, operation, kept_until';
  const messageStates = `SELECT m.sequence, m.account, m.hash, m.expiry, coalesce(c.revision, 0) AS revision
    FROM messages m LEFT JOIN changes c ON c.account = m.account AND c.hash = m.hash`;
  return {
    change: statement('SELECT * FROM changes WHERE account = ? AND hash = ?'),
    changesByHash: statement('SELECT * FROM changes WHERE hash = ?'),
    revive: statement(
      `UPDATE changes SET revision = revision + 1, kind = 0, operation = NULL WHERE account = ? AND hash = ?`,
    ),
    advance: statement(
      `INSERT INTO changes (${columns}) VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET revision = revision + 1,
       kind = excluded.kind, expiry = excluded.expiry, operation = excluded.operation, kept_until = excluded.kept_until`,
    ),
    set: statement(`INSERT OR REPLACE INTO changes (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
    oldRevocations: statement(
      `SELECT hash, operation FROM changes WHERE account = ? AND kind >= 2
       ORDER BY revision DESC, hash LIMIT -1 OFFSET ?`,
    ),
    dropChange: statement('DELETE FROM changes WHERE account = ? AND hash = ?'),
    dropOperation: statement(
      'DELETE FROM operations WHERE id = ? AND NOT EXISTS (SELECT 1 FROM changes WHERE operation = ?)',
    ),
    addOperation: statement('INSERT INTO operations (account, method, params, kept_until) VALUES (?, ?, ?, ?)'),
    operation: statement('SELECT method, params FROM operations WHERE id = ?'),
    dropChanges: statement(
      `DELETE FROM changes WHERE kept_until <= ? AND NOT EXISTS
       (SELECT 1 FROM messages m WHERE m.account = changes.account AND m.hash = changes.hash)`,
    ),
    dropOperations: statement('DELETE FROM operations WHERE kept_until <= ?'),
    messagesBetween: statement(`${messageStates} WHERE m.account BETWEEN ? AND ?`),
    messagePage: statement(`${messageStates} WHERE m.sequence > ? ORDER BY m.sequence LIMIT ?`),
    goneBetween: statement(
      `SELECT * FROM changes c WHERE account BETWEEN ? AND ? AND (kind <> 0 OR NOT EXISTS
       (SELECT 1 FROM messages m WHERE m.account = c.account AND m.hash = c.hash))`,
    ),
    messageByHash: statement('SELECT * FROM messages WHERE hash = ?'),
  };
}
