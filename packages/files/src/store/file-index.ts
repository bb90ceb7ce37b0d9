import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** What is known of a file; times are Unix ms. */
export interface FileEntry {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly uploadedAt: number;
  readonly expiresAt: number;
}

/** A file is there once it is `kept`; `unsettled` are those whose bytes are being written or removed. */
export interface IndexedFile extends FileEntry {
  readonly state: 'kept' | 'unsettled';
}

const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    uploaded_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('kept', 'unsettled'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS files_by_expiry ON files (expires_at);
  CREATE INDEX IF NOT EXISTS files_unsettled ON files (state) WHERE state = 'unsettled';
`;

const PUT = `
  INSERT INTO files (id, size, uploaded_at, expires_at, state) VALUES (@id, @size, @uploadedAt, @expiresAt, @state)
  ON CONFLICT DO UPDATE SET size = @size, uploaded_at = @uploadedAt, expires_at = @expiresAt, state = @state
`;

const SELECT = 'SELECT id, size, uploaded_at AS uploadedAt, expires_at AS expiresAt, state FROM files';

/**
 * Which files there are, in a database of its own; the only SQL of a file server. Durable after every call, and locked as
 * long as it is open, so that no two servers work on one folder.
 */
export class FileIndex {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Throws SQLite's error if the database cannot be used. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(SCHEMA);
  }

  put(file: IndexedFile): void {
    this.#prepared(PUT).run({ ...file });
  }

  get(id: string): IndexedFile | null {
    return (this.#prepared(`${SELECT} WHERE id = @id`).get({ id }) as IndexedFile | undefined) ?? null;
  }

  forget(id: string): void {
    this.#prepared('DELETE FROM files WHERE id = @id').run({ id });
  }

  /** Up to `limit` files that are unsettled or have expired at `now`. */
  removable(now: number, limit: number): IndexedFile[] {
    const statement = this.#prepared(`
      SELECT * FROM (${SELECT} WHERE state = 'unsettled' LIMIT @limit)
      UNION SELECT * FROM (${SELECT} WHERE expires_at <= @now ORDER BY expires_at LIMIT @limit) LIMIT @limit`);
    return statement.all({ now, limit }) as unknown as IndexedFile[];
  }

  /** Files and bytes, whatever their state. */
  usage(): { readonly files: number; readonly bytes: number } {
    const row = this.#prepared('SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM files').get();
    return row as { files: number; bytes: number };
  }

  close(): void {
    this.#database.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
