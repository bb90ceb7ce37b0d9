import type { Database } from '../store/database.ts';

/** A file on this device, without its bytes. */
export interface BlobRecord {
  readonly name: string;
  /** 32 bytes; whoever has none cannot open the file. */
  readonly key: Uint8Array;
  /** Bytes of the plaintext. */
  readonly size: number;
}

/** The keys of the files on this device. */
export class BlobTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add({ name, key, size }: BlobRecord): void {
    this.#database.run('INSERT INTO blobs (name, key, size) VALUES (@name, @key, @size)', { name, key, size });
  }

  get(name: string): BlobRecord | null {
    const row = this.#database.get('SELECT name, key, size FROM blobs WHERE name = @name', { name });
    return row as unknown as BlobRecord | null;
  }

  remove(name: string): void {
    this.#database.run('DELETE FROM blobs WHERE name = @name', { name });
  }

  names(): string[] {
    return this.#database.all('SELECT name FROM blobs').map(({ name }) => name as string);
  }
}
