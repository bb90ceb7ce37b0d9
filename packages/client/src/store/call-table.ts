import type { Database } from './database.ts';

/** Calls that were signalled to us, each known by a name (uuid) that its caller chose (messages §5.17). */
export class CallTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Somebody called; `messageId` is the notice of it. */
  addMissed(uuid: string, peer: string, messageId: number, now: number): void {
    this.#database.run(
      'INSERT INTO calls (uuid, peer, message, noted_at) VALUES (@uuid, @peer, @messageId, @now) ON CONFLICT DO NOTHING',
      { uuid, peer, messageId, now },
    );
  }

  /** The notice of a call, `null` if there is none. */
  missed(uuid: string, peer: string): number | null {
    const row = this.#database.get('SELECT message FROM calls WHERE uuid = @uuid AND peer = @peer', { uuid, peer });
    return (row?.message ?? null) as number | null;
  }

  /** One of our devices took or ended the call. @returns the notices that are not true any more. */
  handle(uuid: string, ownId: string, now: number): number[] {
    this.#database.run('INSERT INTO calls (uuid, peer, noted_at) VALUES (@uuid, @ownId, @now) ON CONFLICT DO NOTHING', {
      uuid,
      ownId,
      now,
    });
    const sql = 'SELECT message FROM calls WHERE uuid = @uuid AND message IS NOT NULL';
    const notices = this.#database.all(sql, { uuid }).map(({ message }) => message as number);
    this.#database.run('UPDATE calls SET message = NULL WHERE uuid = @uuid', { uuid });
    return notices;
  }

  isHandled(uuid: string, ownId: string): boolean {
    return this.#database.get('SELECT 1 FROM calls WHERE uuid = @uuid AND peer = @ownId', { uuid, ownId }) !== null;
  }

  prune(notedBefore: number): void {
    this.#database.run('DELETE FROM calls WHERE noted_at < @notedBefore', { notedBefore });
  }
}
