import { existsSync, readdirSync } from 'node:fs';
import type { Database } from '../store/database.ts';

/** Forgets files that a database names and that do not lie in `folder`: they can be loaded again. */
export function forgetMissingFiles(database: Database, folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  database.transaction(() => {
    database.run('DELETE FROM blobs WHERE name NOT IN (SELECT value FROM json_each(@names))', {
      names: JSON.stringify(names),
    });
    database.script(`
      UPDATE attachments SET blob = NULL WHERE blob NOT IN (SELECT name FROM blobs);
      UPDATE conversations SET picture_blob = NULL WHERE picture_blob NOT IN (SELECT name FROM blobs);
      UPDATE account SET picture_blob = NULL WHERE picture_blob NOT IN (SELECT name FROM blobs)`);
  });
}
