import type { Database } from '../store/database.ts';
import { schemaVersion } from '../store/migrations.ts';
import { removeMessages } from '../store/word-index.ts';

/** The first versions of the schema with messages that disappear, with keys of files, and with an index of words. */
const FIRST_VERSION = 3;
const FILES_VERSION = 4;
const WORDS_VERSION = 6;

/**
 * Removes messages that disappear from a copy of a database: what has an end here must not outlive it there. Those that
 * nobody has read yet come again from the mailbox if the copy is used. With them go the keys of files that nothing shows any
 * more. `key` is that of the copy, `null` for the same.
 */
export function leaveOutDisappearing(database: Database, copyPath: string, key: Uint8Array | null): void {
  const version = schemaVersion(database);
  if (version < FIRST_VERSION) return;
  database.attached(copyPath, key, (copy) =>
    database.transaction(() => {
      const leaving = `SELECT id FROM ${copy}.messages WHERE expiry_mode IS NOT NULL AND (delivery IS NULL OR delivery = 'stored')`;
      database.script(`
        DELETE FROM ${copy}.seen WHERE hash IN
          (SELECT hash FROM ${copy}.messages WHERE id IN (${leaving}) AND expires_at IS NULL AND hash IS NOT NULL)`);
      if (version >= WORDS_VERSION) removeMessages(database, copy, `id IN (${leaving})`);
      else database.script(`DELETE FROM ${copy}.messages WHERE id IN (${leaving})`);
      if (version < FILES_VERSION) return;
      database.script(`
        DELETE FROM ${copy}.blobs WHERE name IN (SELECT blob FROM ${copy}.unused_blobs);
        DELETE FROM ${copy}.unused_blobs`);
    }),
  );
}
