import type { DebtStore, Delivery, MissedRequest } from './message-store.ts';
import { bytesOf, numberOf } from './rows.ts';
import type { Statements } from './statements.ts';

/** The parts of the store that this works with. */
export interface SqliteDebtsParts {
  readonly statements: Statements;
  read<Result>(query: () => Result): Result;
  write<Result>(operation: () => Result): Promise<Result>;
}

const MAX_MISSED_REQUESTS = 10_000;
const MAX_REQUESTS_A_NODE = 100;
const LARGE_REQUEST_BYTES = 4_000;
const MAX_MISSED_BYTES = 40_000_000;

/** {@link DebtStore} over the tables of the message store. */
export class SqliteDebts implements DebtStore {
  readonly #parts: SqliteDebtsParts;

  constructor(parts: SqliteDebtsParts) {
    this.#parts = parts;
  }

  oweMessage(node: Uint8Array, hash: string): Promise<void> {
    return this.#parts.write(() => {
      const row = this.#parts.statements.sequenceByHash.get(hash);
      if (row) this.#parts.statements.owe.run(node, numberOf(row.sequence) - 1);
    });
  }

  oweEverything(node: Uint8Array): Promise<void> {
    return this.#parts.write(() => {
      this.#parts.statements.owe.run(node, 0);
    });
  }

  swarmSnapshot(): string | null {
    return this.#parts.read(() => {
      const row = this.#parts.statements.swarmSnapshot.get();
      return row ? String(row.value) : null;
    });
  }

  saveSwarmSnapshot(text: string, owed: readonly Uint8Array[]): Promise<void> {
    return this.#parts.write(() => {
      this.#parts.statements.saveSwarmSnapshot.run(text);
      for (const node of owed) this.#parts.statements.owe.run(node, 0);
    });
  }

  deliveries(): Delivery[] {
    return this.#parts.read(() =>
      this.#parts.statements.deliveries
        .all()
        .map((row) => ({ node: bytesOf(row.node), afterSequence: numberOf(row.after_sequence) })),
    );
  }

  advanceDelivery({ node, afterSequence }: Delivery, next: number | null): Promise<boolean> {
    return this.#parts.write(() => {
      const { advanceDelivery, endDelivery } = this.#parts.statements;
      const { changes } =
        next === null ? endDelivery.run(node, afterSequence) : advanceDelivery.run(next, node, afterSequence);
      return changes > 0;
    });
  }

  oweRequest({ node, method, params }: MissedRequest, now: number): Promise<void> {
    return this.#parts.write(() => {
      this.#parts.statements.oweRequest.run(node, method, params, now);
      this.#parts.statements.trimRequests.run(MAX_MISSED_REQUESTS);
      // Small ones cannot be too much together.
      if (params.length > LARGE_REQUEST_BYTES) this.#parts.statements.trimRequestBytes.run(MAX_MISSED_BYTES);
    });
  }

  missedRequests(): (MissedRequest & { sequence: number })[] {
    return this.#parts.read(() =>
      this.#parts.statements.missedRequests.all(MAX_REQUESTS_A_NODE).map((row) => ({
        sequence: numberOf(row.sequence),
        node: bytesOf(row.node),
        method: String(row.method),
        params: bytesOf(row.params),
      })),
    );
  }

  forgetRequest(sequence: number): Promise<void> {
    return this.#parts.write(() => {
      this.#parts.statements.forgetRequest.run(sequence);
    });
  }
}
