import { bytesToHex, concatBytes, hexToBytes } from '@sotto/wire/bytes';
import type { Database } from './database.ts';
import { cutIntoPieces, NAME_BYTES, type Piece } from './pieces.ts';
import { DatabaseDamaged } from './sqlite-errors.ts';

/** The subject of edits of our own profile; others are conversations. */
export const OWN_PROFILE = '';
/** The field of a conversation that was removed with its contact. */
export const REMOVED = 'removed';

/** One config as it is stored. */
interface StoredConfig {
  readonly dump: StoredDump;
  /** Hashes that a push, which this device does not know the outcome of, was to delete. */
  readonly deleting: readonly string[];
}

/** What of a config must survive a restart. The message is large, and between two of them little is different. */
interface StoredDump {
  readonly state: Uint8Array;
  readonly message: Uint8Array;
}

/** Something that was changed on this device. */
export interface Edit {
  readonly subject: string;
  readonly fields: ReadonlySet<string>;
}

/** The state that our devices share, and what this device changed and has not put into it yet. */
export class SharedTable {
  readonly #database: Database;
  /** What was written last; a transaction may have been undone since. */
  readonly #last = new Map<number, { readonly messageHash: string; readonly pieces: readonly Piece[] }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** `null` if this device has none yet. */
  config(namespace: number): StoredConfig | null {
    const row = this.#database.get('SELECT * FROM shared_configs WHERE namespace = @namespace', { namespace });
    if (!row) return null;
    const message = this.#message(namespace, row.pieces as Uint8Array);
    return {
      dump: { state: row.dump as Uint8Array, message },
      deleting: JSON.parse(row.deleting as string) as string[],
    };
  }

  has(namespace: number): boolean {
    return this.#database.get('SELECT 1 FROM shared_configs WHERE namespace = @namespace', { namespace }) !== null;
  }

  /** When the newest message was stored that has been merged, ms; 0 if none was. */
  toldAt(namespace: number): number {
    const row = this.#database.get('SELECT told_at FROM shared_configs WHERE namespace = @namespace', { namespace });
    return (row?.told_at as number | undefined) ?? 0;
  }

  /** `messageHash` tells messages apart: one that is stored already is not written again. */
  putDump(namespace: number, { state, message }: StoredDump, messageHash: string): void {
    this.#database.run(
      `INSERT INTO shared_configs (namespace, dump) VALUES (@namespace, @state)
       ON CONFLICT DO UPDATE SET dump = @state`,
      { namespace, state },
    );
    this.#putMessage(namespace, message, messageHash);
  }

  /** What a push that is about to be sent deletes; empty when its outcome is known. */
  putDeleting(namespace: number, hashes: readonly string[]): void {
    this.#database.run('UPDATE shared_configs SET deleting = @deleting WHERE namespace = @namespace', {
      namespace,
      deleting: JSON.stringify(hashes),
    });
  }

  /** A message that was stored then has been merged. */
  noteTold(namespace: number, at: number): void {
    this.#database.run('UPDATE shared_configs SET told_at = max(told_at, @at) WHERE namespace = @namespace', {
      namespace,
      at,
    });
  }

  /** Call it in the transaction of the change. */
  addEdit(subject: string, fields: readonly string[]): void {
    for (const field of fields) {
      this.#database.run('INSERT INTO shared_edits (subject, field) VALUES (@subject, @field) ON CONFLICT DO NOTHING', {
        subject,
        field,
      });
    }
  }

  /** All of them, by subject. */
  edits(): Edit[] {
    const rows = this.#database.all('SELECT subject, field FROM shared_edits ORDER BY subject');
    const bySubject = Map.groupBy(rows, ({ subject }) => subject as string);
    return [...bySubject].map(([subject, fields]) => ({
      subject,
      fields: new Set(fields.map(({ field }) => field as string)),
    }));
  }

  /** Subjects of edits. */
  countEdits(): number {
    return this.#database.get('SELECT count(DISTINCT subject) AS count FROM shared_edits')!.count as number;
  }

  /** They are in the shared state now. */
  clearEdits(): void {
    this.#database.run('DELETE FROM shared_edits');
  }

  /** Traces of our devices, ms; `null` for never. */
  traces(): { readonly otherSeenAt: number | null; readonly syncedAt: number | null } {
    const row = this.#database.get('SELECT other_seen_at, synced_at FROM account')!;
    return { otherSeenAt: row.other_seen_at as number | null, syncedAt: row.synced_at as number | null };
  }

  /** Another device of ours did something at this time. */
  noteOther(at: number): void {
    this.#database.run('UPDATE account SET other_seen_at = max(coalesce(other_seen_at, 0), @at)', { at });
  }

  /** This device has stored or fetched shared state. */
  noteSynced(at: number): void {
    this.#database.run('UPDATE account SET synced_at = @at', { at });
  }

  /** Writes only the pieces that are not there. */
  #putMessage(namespace: number, message: Uint8Array, messageHash: string): void {
    const stored = this.#database.get('SELECT message_hash, pieces FROM shared_configs WHERE namespace = @namespace', {
      namespace,
    })!;
    if (stored.message_hash === messageHash) return;
    const last = this.#last.get(namespace);
    const pieces = cutIntoPieces(message, last?.messageHash === stored.message_hash ? last?.pieces : []);
    this.#last.set(namespace, { messageHash, pieces });
    const before = new Set(namesIn(stored.pieces as Uint8Array));
    const after = new Map(pieces.map((piece) => [bytesToHex(piece.name), piece]));
    for (const name of before) {
      if (after.has(name)) continue;
      const sql = 'DELETE FROM shared_pieces WHERE namespace = @namespace AND name = @name';
      this.#database.run(sql, { namespace, name: hexToBytes(name) });
    }
    for (const [hex, { name, bytes }] of after) {
      if (before.has(hex)) continue;
      const sql = 'INSERT INTO shared_pieces (namespace, name, bytes) VALUES (@namespace, @name, @bytes)';
      this.#database.run(sql, { namespace, name, bytes });
    }
    this.#database.run(
      'UPDATE shared_configs SET message_hash = @messageHash, pieces = @names WHERE namespace = @namespace',
      { namespace, messageHash, names: concatBytes(...pieces.map(({ name }) => name)) },
    );
  }

  #message(namespace: number, names: Uint8Array): Uint8Array {
    const rows = this.#database.all('SELECT name, bytes FROM shared_pieces WHERE namespace = @namespace', {
      namespace,
    });
    const pieces = new Map(rows.map(({ name, bytes }) => [bytesToHex(name as Uint8Array), bytes as Uint8Array]));
    return concatBytes(
      ...namesIn(names).map((name) => {
        const bytes = pieces.get(name);
        if (!bytes) throw new DatabaseDamaged('a piece of the shared state is missing');
        return bytes;
      }),
    );
  }
}

/** Names of pieces, in hex, in the order of the pieces. */
function namesIn(names: Uint8Array): string[] {
  return Array.from({ length: names.length / NAME_BYTES }, (_, index) =>
    bytesToHex(names.subarray(index * NAME_BYTES, (index + 1) * NAME_BYTES)),
  );
}
