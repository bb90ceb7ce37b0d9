import { type ConversationState, columnsOf, isSameValue, readState } from './conversation-state.ts';
import type { Database } from './database.ts';

/** Who made a change: this device, by a command or a message; or the state that our devices share, when it was merged. */
export type ChangeOrigin = 'here' | 'shared';

/**
 * Hears of every change that was made here, inside its transaction: `fields` are those that have another value now,
 * or `null` if the conversation and its contact were removed.
 */
export type ConversationListener = (id: string, fields: readonly (keyof ConversationState)[] | null) => void;

/** Whom we talk with, and what we set about them. All changes go through here, so that they can be shared with our devices. */
export class ConversationTable {
  readonly #database: Database;
  readonly #listeners: ConversationListener[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** Calls `listener` for every change whose origin is this device. */
  onChange(listener: ConversationListener): void {
    this.#listeners.push(listener);
  }

  has(id: string): boolean {
    return this.#database.get('SELECT 1 FROM conversations WHERE id = @id', { id }) !== null;
  }

  state(id: string): ConversationState | null {
    const row = this.#database.get('SELECT * FROM conversations WHERE id = @id', { id });
    return row && readState(row);
  }

  /** The ids of all, also of those that are not listed. */
  ids(): string[] {
    return this.#database.all('SELECT id FROM conversations ORDER BY id').map(({ id }) => id as string);
  }

  /** Pictures of people we accepted that are not on this device. */
  wantedPictures(): { readonly id: string; readonly url: string; readonly key: Uint8Array }[] {
    return this.#database
      .all(
        `SELECT id, picture_url, picture_key FROM conversations
         WHERE picture_url IS NOT NULL AND picture_key IS NOT NULL AND picture_blob IS NULL AND approved = 1 AND blocked = 0`,
      )
      .map((row) => ({
        id: row.id as string,
        url: row.picture_url as string,
        key: row.picture_key as Uint8Array,
      }));
  }

  /** Creates the conversation unless it is there; gives its state. */
  ensure(id: string, now: number, origin: ChangeOrigin = 'here'): ConversationState {
    const known = this.state(id);
    if (known) return known;
    this.#database.run('INSERT INTO conversations (id, last_activity_at, created_at) VALUES (@id, @now, @now)', {
      id,
      now,
    });
    if (origin === 'here') this.#tell(id, ['createdAt']);
    return this.state(id)!;
  }

  /** Changes what is known of a conversation that is there. @returns whether anything is different now. */
  update(id: string, change: Partial<ConversationState>, origin: ChangeOrigin = 'here'): boolean {
    const known = this.state(id);
    if (!known) return false;
    const fields = (Object.keys(change) as (keyof ConversationState)[]).filter(
      (field) => !isSameValue(known[field], change[field]),
    );
    if (fields.length === 0) return false;
    const columns = columnsOf(Object.fromEntries(fields.map((field) => [field, change[field]])));
    const assignments = Object.keys(columns).map((column) => `${column} = @${column}`);
    this.#database.run(`UPDATE conversations SET ${assignments.join(', ')} WHERE id = @id`, { ...columns, id });
    if (origin === 'here') this.#tell(id, fields);
    return true;
  }

  /** Moves the conversation up to a time, never down. Its place in the list is this device's own. */
  touch(id: string, at: number): void {
    this.#database.run('UPDATE conversations SET last_activity_at = max(last_activity_at, @at) WHERE id = @id', {
      id,
      at,
    });
  }

  /** Forgets the conversation and its contact. Its messages must be gone before. */
  remove(id: string, origin: ChangeOrigin = 'here'): void {
    const { changes } = this.#database.run('DELETE FROM conversations WHERE id = @id', { id });
    if (changes > 0 && origin === 'here') this.#tell(id, null);
  }

  #tell(id: string, fields: readonly (keyof ConversationState)[] | null): void {
    for (const listener of this.#listeners) listener(id, fields);
  }
}
