import {
  isNewerState,
  isRevocation,
  type SignedOperation,
  type SyncContent,
  type SyncRange,
  type SyncState,
} from '@sotto/wire/sync';
import type { AdoptedState, SyncStore } from './message-store.ts';
import type { RangeSummaries } from './range-summaries.ts';
import { numberOf } from './rows.ts';
import { storeFailure } from './sqlite-errors.ts';
import type { StateTable } from './state-table.ts';
import type { Statements } from './statements.ts';

/** The parts of the store that this works with. */
export interface SqliteSyncParts {
  readonly statements: Statements;
  readonly states: StateTable;
  readonly summaries: RangeSummaries;
  read<Result>(query: () => Result): Result;
  write<Result>(operation: () => Result): Promise<Result>;
}

/** {@link SyncStore} over the tables of the message store. */
export class SqliteSync implements SyncStore {
  readonly #parts: SqliteSyncParts;

  constructor(parts: SqliteSyncParts) {
    this.#parts = parts;
  }

  load(...args: Parameters<SyncStore['load']>): Promise<boolean> {
    return this.#parts.summaries.load(...args).catch(rethrow);
  }

  summaries(...args: Parameters<SyncStore['summaries']>): ReturnType<SyncStore['summaries']> {
    return this.#parts.summaries.summaries(...args).catch(rethrow);
  }

  states(range: SyncRange, most: number): SyncState[] {
    return this.#parts.read(() => this.#parts.summaries.states(range).take(most).toArray());
  }

  contents(ids: readonly string[], maxBytes: number): SyncContent[] {
    return this.#parts.read(() => {
      const found: SyncContent[] = [];
      let size = 0;
      for (const id of ids) {
        for (const content of this.#parts.states.contents(id)) {
          size += (content.message?.data.length ?? 0) + (content.operation?.params.length ?? 0);
          if (found.length > 0 && size > maxBytes) return found;
          found.push(content);
        }
      }
      return found;
    });
  }

  unknown(ids: readonly string[]): string[] {
    return this.#parts.read(() => ids.filter((id) => this.#parts.states.contents(id).next().done));
  }

  adopt(
    states: readonly AdoptedState[],
    isOutbox: (namespace: number) => boolean,
    now: number,
  ): Promise<AdoptedState[]> {
    return this.#parts.write(() => {
      const operations = new Map<SignedOperation, number | null>();
      const numberOfOperation = ({ account, operation }: AdoptedState): number | null => {
        if (!operation) return null;
        let number = operations.get(operation);
        if (number === undefined) {
          number = this.#parts.states.addOperation(account, operation, now);
          operations.set(operation, number);
        }
        return number;
      };
      return states.filter((each) => this.#adoptOne(each, isOutbox, numberOfOperation, now));
    });
  }

  #adoptOne(
    adopted: AdoptedState,
    isOutbox: (namespace: number) => boolean,
    operationOf: (adopted: AdoptedState) => number | null,
    now: number,
  ): boolean {
    const { account, state } = adopted;
    const { statements, states, summaries } = this.#parts;
    const here = statements.expiryInAccount.get(state.id, account);
    const known = states.changed(account, state.id);
    const ours = here ? keptState(state.id, known?.revision ?? 0, numberOf(here.expiry)) : known;
    if (!isNewerState(state, ours)) return false;
    summaries.mark(account);
    if (isRevocation(state)) {
      this.#revoke(adopted);
      states.set(account, state, operationOf(adopted), now);
    } else if (state.kind === 'deleted') {
      statements.deleteByHash.run(state.id, account);
      states.set(account, state, operationOf(adopted), now);
    } else {
      // Without a client's request nothing is taken away, and a life does not get shorter.
      const expiry = here && !adopted.operation ? Math.max(state.expiry, numberOf(here.expiry)) : state.expiry;
      if (here) statements.setExpiryByHash.run(expiry, state.id);
      else if (!this.#insert(adopted, isOutbox)) return false;
      if (state.revision > 0) states.set(account, { ...state, expiry }, operationOf(adopted), now);
    }
    return true;
  }

  /** False if there is nothing to insert, or a newer message takes its place. */
  #insert({ account, state, message }: AdoptedState, isOutbox: (namespace: number) => boolean): boolean {
    // Gone already, but what it was shortened by is worth knowing.
    if (!message) return state.revision > 0;
    const { namespace, timestamp, data } = message;
    const { statements } = this.#parts;
    if (isOutbox(namespace)) {
      const other = statements.newestOther.get(account, namespace, state.id);
      // Of equally old ones each node keeps its own; swapping them would never end.
      if (other && numberOf(other.timestamp) >= timestamp) return false;
      statements.deleteOthers.run(account, namespace, state.id);
    }
    // Another account may claim the same hash; whoever is first has it.
    if (statements.expiryByHash.get(state.id)) return false;
    statements.insert.run(state.id, account, namespace, timestamp, state.expiry, data);
    return true;
  }

  #revoke({ account, state, token }: AdoptedState): void {
    const { statements } = this.#parts;
    if (!token) return;
    statements.removeRevocation.run(account, token);
    if (state.kind !== 'revoked') return;
    statements.addRevocation.run(account, token, state.revision);
    statements.trimRevocations.run(account, account, MAX_REVOCATIONS);
  }
}

const MAX_REVOCATIONS = 50;

function keptState(id: string, revision: number, expiry: number): SyncState {
  return { id, revision, kind: 'kept', expiry };
}

function rethrow(error: unknown): never {
  throw storeFailure(error);
}
