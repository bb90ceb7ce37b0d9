import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** All statements of the message store, prepared once. */
export type Statements = ReturnType<typeof prepareStatements>;

/** Prepares them; the tables must exist. */
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    insert: prepare(
      'INSERT INTO messages (hash, account, namespace, timestamp, expiry, data) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    expiryByHash: prepare('SELECT expiry FROM messages WHERE hash = ?'),
    setExpiryByHash: prepare('UPDATE messages SET expiry = ? WHERE hash = ?'),
    expiryInAccount: prepare('SELECT expiry FROM messages WHERE hash = ? AND account = ?'),
    newestOther: prepare(
      `SELECT max(timestamp) AS timestamp FROM messages
       WHERE account = ? AND namespace = ? AND hash <> ? HAVING count(*) > 0`,
    ),
    deleteOthers: prepare('DELETE FROM messages WHERE account = ? AND namespace = ? AND hash <> ?'),
    sequenceInMailbox: prepare('SELECT sequence FROM messages WHERE hash = ? AND account = ? AND namespace = ?'),
    mailboxAfter: prepare(
      `SELECT hash, account, namespace, timestamp, expiry, data FROM messages
       WHERE account = ? AND namespace = ? AND sequence > ? ORDER BY sequence`,
    ),
    deleteByHash: prepare('DELETE FROM messages WHERE hash = ? AND account = ?'),
    deleteMailbox: prepare(
      'DELETE FROM messages WHERE account = ? AND namespace = ? AND timestamp <= ? RETURNING hash, namespace',
    ),
    deleteAccount: prepare('DELETE FROM messages WHERE account = ? AND timestamp <= ? RETURNING hash, namespace'),
    shortenMailbox: prepare(
      'UPDATE messages SET expiry = ? WHERE account = ? AND namespace = ? AND expiry > ? RETURNING hash, namespace',
    ),
    shortenAccount: prepare(
      'UPDATE messages SET expiry = ? WHERE account = ? AND expiry > ? RETURNING hash, namespace',
    ),
    deleteExpired: prepare(
      `DELETE FROM messages WHERE sequence IN (SELECT sequence FROM messages WHERE expiry <= ? LIMIT ?)
       RETURNING account`,
    ),
    addRevocation: prepare('INSERT INTO revocations (account, token, revoked_at) VALUES (?, ?, ?)'),
    removeRevocation: prepare('DELETE FROM revocations WHERE account = ? AND token = ?'),
    trimRevocations: prepare(
      `DELETE FROM revocations WHERE account = ? AND sequence NOT IN
       (SELECT sequence FROM revocations WHERE account = ? ORDER BY revoked_at DESC, sequence DESC LIMIT ?)`,
    ),
    isRevoked: prepare('SELECT 1 FROM revocations WHERE account = ? AND token = ?'),
    revoked: prepare('SELECT token FROM revocations WHERE account = ? ORDER BY revoked_at, sequence'),
    scan: prepare(
      `SELECT sequence, hash, account, namespace, timestamp, expiry, data FROM messages
       WHERE sequence > ? ORDER BY sequence LIMIT ?`,
    ),
    accounts: prepare('SELECT DISTINCT account FROM messages'),
    sequenceByHash: prepare('SELECT sequence FROM messages WHERE hash = ?'),
    owe: prepare(
      `INSERT INTO deliveries (node, after_sequence) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET after_sequence = min(after_sequence, excluded.after_sequence)`,
    ),
    deliveries: prepare('SELECT node, after_sequence FROM deliveries'),
    advanceDelivery: prepare('UPDATE deliveries SET after_sequence = ? WHERE node = ? AND after_sequence = ?'),
    endDelivery: prepare('DELETE FROM deliveries WHERE node = ? AND after_sequence = ?'),
    oweRequest: prepare('INSERT INTO missed_requests (node, method, params, missed_at) VALUES (?, ?, ?, ?)'),
    trimRequests: prepare(
      `DELETE FROM missed_requests WHERE sequence <= (SELECT max(sequence) FROM missed_requests) - ?`,
    ),
    trimRequestBytes: prepare(
      `DELETE FROM missed_requests WHERE sequence IN (SELECT sequence FROM
       (SELECT sequence, sum(length(params)) OVER (ORDER BY sequence DESC) AS total FROM missed_requests)
       WHERE total > ?)`,
    ),
    swarmSnapshot: prepare(`SELECT value FROM meta WHERE key = 'swarm_snapshot'`),
    saveSwarmSnapshot: prepare(
      `INSERT INTO meta VALUES ('swarm_snapshot', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
    ),
    dropOldRequests: prepare('DELETE FROM missed_requests WHERE missed_at < ?'),
    missedRequests: prepare(
      `SELECT sequence, node, method, params FROM
       (SELECT *, row_number() OVER (PARTITION BY node ORDER BY sequence) AS place FROM missed_requests)
       WHERE place <= ? ORDER BY sequence`,
    ),
    forgetRequest: prepare('DELETE FROM missed_requests WHERE sequence = ?'),
    mailboxes: prepare(
      `SELECT account, namespace, count(*) AS messages FROM messages
       GROUP BY account, namespace ORDER BY account, namespace LIMIT ?`,
    ),
    mailboxesAfter: prepare(
      `SELECT account, namespace, count(*) AS messages FROM messages WHERE (account, namespace) > (?, ?)
       GROUP BY account, namespace ORDER BY account, namespace LIMIT ?`,
    ),
    usage: prepare(
      `SELECT NOT EXISTS (SELECT 1 FROM messages) AS is_empty, page_count * page_size AS file,
        (page_count - freelist_count) * page_size AS used
       FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
    ),
  };
}
