import type { Database, SqlParameters } from './database.ts';

/** From so many messages on, it is faster to clean the index of their words once than for each of them. */
const MANY = 500;

/**
 * Removes the messages that meet a condition, and their words from the index with them; for one transaction. Of many, the
 * words go all at once: one after the other takes so long that nothing else would work meanwhile. `schema`: of the database
 * that they are in.
 */
export function removeMessages(
  database: Database,
  schema: string,
  condition: string,
  values: SqlParameters = {},
): void {
  const removed = `FROM ${schema}.messages WHERE ${condition}`;
  const isMany = (database.get(`SELECT count(*) AS count ${removed}`, values)?.count as number) >= MANY;
  const tell = (what: string) => database.script(`INSERT INTO ${schema}.message_text ${what}`);
  if (isMany) tell(`(message_text, rank) VALUES ('secure-delete', 0)`);
  database.run(`DELETE ${removed}`, values);
  if (!isMany) return;
  tell(`(message_text, rank) VALUES ('secure-delete', 1)`);
  tell(`(message_text) VALUES ('optimize')`);
}
