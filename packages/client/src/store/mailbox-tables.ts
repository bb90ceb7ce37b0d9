import type { Database } from './database.ts';

/** Anybody can make noise; to open it again costs a tenth of a millisecond. */
const MOST_NOISE = 10_000;
/** Far more than people get while nodes keep it. */
const MOST_MESSAGES = 200_000;

/** A hash that was dealt with. Times in ms. */
export interface Seen {
  readonly namespace: number;
  readonly hash: string;
  /** When no node has it any more. */
  readonly expiresAt: number;
  /** It did not open, whoever put it there. */
  readonly isNoise: boolean;
}

/**
 * Hashes of messages that were dealt with, kept until no node has them any more (messages §7 step 3). A node may make up
 * as many as it likes, so the oldest go when there are too many. That is safe: a message that comes again is known by its
 * author and time, and what was deleted stays away by its tombstone.
 */
export class SeenTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  has(namespace: number, hash: string): boolean {
    const sql = 'SELECT 1 FROM seen WHERE namespace = @namespace AND hash = @hash';
    return this.#database.get(sql, { namespace, hash }) !== null;
  }

  /** Call it in the transaction of the message's effect. */
  add({ namespace, hash, expiresAt, isNoise }: Seen, now: number): void {
    this.#database.run(
      `INSERT INTO seen (namespace, hash, expires_at, is_noise, noted_at)
       VALUES (@namespace, @hash, @expiresAt, @noise, @now)
       ON CONFLICT DO UPDATE SET expires_at = max(expires_at, @expiresAt)`,
      { namespace, hash, expiresAt, noise: Number(isNoise), now },
    );
  }

  /** Forgets the oldest noise beyond what there is room for. Noise never makes it forget anything else. */
  limitNoise(): void {
    this.#keepNewest(MOST_NOISE, true);
  }

  prune(now: number): void {
    this.#database.run('DELETE FROM seen WHERE expires_at < @now', { now });
    this.#keepNewest(MOST_MESSAGES, false);
  }

  #keepNewest(most: number, isNoise: boolean): void {
    this.#database.run(
      `DELETE FROM seen WHERE (namespace, hash) IN (
         SELECT namespace, hash FROM seen WHERE is_noise = @noise ORDER BY noted_at DESC LIMIT -1 OFFSET @most)`,
      { noise: Number(isNoise), most },
    );
  }
}

/** Where in a node's list of messages we are, per (node, account, namespace) (onion-requests §5.3). */
export class CursorTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The hash of the last message that was read there; empty text for the beginning. `node` is its key in hex. */
  get(node: string, account: string, namespace: number): string {
    const row = this.#database.get(
      'SELECT hash FROM cursors WHERE node = @node AND account = @account AND namespace = @namespace',
      { node, account, namespace },
    );
    return (row?.hash as string | undefined) ?? '';
  }

  set(node: string, account: string, namespace: number, hash: string, expiresAt: number): void {
    this.#database.run(
      `INSERT INTO cursors (node, account, namespace, hash, expires_at)
       VALUES (@node, @account, @namespace, @hash, @expiresAt)
       ON CONFLICT DO UPDATE SET hash = @hash, expires_at = @expiresAt`,
      { node, account, namespace, hash, expiresAt },
    );
  }

  /** Messages that we had deleted are no place to go on from: another device may store the same ones again, later. */
  forget(account: string, hashes: readonly string[]): void {
    for (const hash of hashes) {
      this.#database.run('DELETE FROM cursors WHERE account = @account AND hash = @hash', { account, hash });
    }
  }

  prune(now: number): void {
    this.#database.run('DELETE FROM cursors WHERE expires_at < @now', { now });
  }
}
