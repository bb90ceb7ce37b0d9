import type { Database } from './database.ts';

/** The subject of edits of our own profile; others are conversations. */
export const OWN_PROFILE = '';
/** The field of a conversation that was removed with its contact. */
export const REMOVED = 'removed';

/** One config as it is stored. */
interface StoredConfig {
  readonly dump: Uint8Array;
  /** Hashes that a push, which this device does not know the outcome of, was to delete. */
  readonly deleting: readonly string[];
}

/** Something that was changed on this device. */
export interface Edit {
  readonly subject: string;
  readonly fields: ReadonlySet<string>;
}

/** The state that our devices share, and what this device changed and has not put into it yet. */
export class SharedTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** `null` if this device has none yet. */
  config(namespace: number): StoredConfig | null {
    const row = this.#database.get('SELECT * FROM shared_configs WHERE namespace = @namespace', { namespace });
    return row && { dump: row.dump as Uint8Array, deleting: JSON.parse(row.deleting as string) as string[] };
  }

  has(namespace: number): boolean {
    return this.#database.get('SELECT 1 FROM shared_configs WHERE namespace = @namespace', { namespace }) !== null;
  }

  /** When the newest message was stored that has been merged, ms; 0 if none was. */
  toldAt(namespace: number): number {
    const row = this.#database.get('SELECT told_at FROM shared_configs WHERE namespace = @namespace', { namespace });
    return (row?.told_at as number | undefined) ?? 0;
  }

  putDump(namespace: number, dump: Uint8Array): void {
    this.#database.run(
      `INSERT INTO shared_configs (namespace, dump) VALUES (@namespace, @dump)
       ON CONFLICT DO UPDATE SET dump = @dump`,
      { namespace, dump },
    );
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
}
