import type { Database } from '../store/database.ts';
import { schemaVersion } from '../store/migrations.ts';

/** The first version of the schema with messages that disappear. */
const FIRST_VERSION = 3;

/**
 * Removes messages that disappear from a copy of a database: what has an end here must not outlive it there. Those that
 * nobody has read yet come again from the mailbox if the copy is used. `key` is that of the copy, `null` for the same.
 */
export function leaveOutDisappearing(database: Database, copyPath: string, key: Uint8Array | null): void {
  if (schemaVersion(database) < FIRST_VERSION) return;
  database.attached(copyPath, key, (copy) =>
    database.transaction(() => {
      const leaving = `SELECT id FROM ${copy}.messages WHERE expiry_mode IS NOT NULL AND (delivery IS NULL OR delivery = 'stored')`;
      database.script(`
        DELETE FROM ${copy}.seen WHERE hash IN
          (SELECT hash FROM ${copy}.messages WHERE id IN (${leaving}) AND expires_at IS NULL AND hash IS NOT NULL);
        DELETE FROM ${copy}.messages WHERE id IN (${leaving})`);
    }),
  );
}
