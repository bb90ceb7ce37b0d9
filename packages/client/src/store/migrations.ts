import { EngineError } from '../engine.ts';
import type { Database } from './database.ts';

/** Version 1: accounts, conversations, messages, both queues, and what the network floor remembers. */
const FIRST = `
  CREATE TABLE account (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seed BLOB NOT NULL,
    name TEXT NOT NULL,
    name_changed_at INTEGER NOT NULL,
    last_timestamp INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    name TEXT,
    name_changed_at INTEGER NOT NULL DEFAULT 0,
    approved INTEGER NOT NULL DEFAULT 0,
    approved_us INTEGER NOT NULL DEFAULT 0,
    last_activity_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX conversations_by_activity ON conversations (last_activity_at DESC);

  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    author TEXT NOT NULL,
    outgoing INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    delivery TEXT CHECK (delivery IN ('waiting', 'sending', 'stored', 'failed')),
    failure TEXT,
    unread INTEGER NOT NULL,
    UNIQUE (author, sent_at),
    CHECK ((delivery IS NOT NULL) = outgoing),
    CHECK (failure IS NULL OR delivery = 'failed')
  ) STRICT;
  CREATE INDEX messages_in_order ON messages (conversation, sent_at, id);
  CREATE INDEX messages_unread ON messages (conversation) WHERE unread = 1;

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    recipient TEXT NOT NULL,
    content BLOB NOT NULL,
    sent_at INTEGER NOT NULL,
    message INTEGER REFERENCES messages (id),
    copy BLOB,
    attempts INTEGER NOT NULL DEFAULT 0,
    unreachable_since INTEGER,
    next_attempt_at INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX outbox_by_queue ON outbox (queue, id);

  CREATE TABLE seen (
    namespace INTEGER NOT NULL,
    hash TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (namespace, hash)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX seen_by_expiry ON seen (expires_at);

  CREATE TABLE cursors (
    node TEXT NOT NULL,
    account TEXT NOT NULL,
    namespace INTEGER NOT NULL,
    hash TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (node, account, namespace)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE network (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * Version 2: where a message stands among others is not for its author alone to say. `sent_at` remains what identifies
 * it; it is shown and ordered by `placed_at`.
 */
const SECOND = `
  ALTER TABLE messages ADD COLUMN placed_at INTEGER NOT NULL DEFAULT 0;
  UPDATE messages SET placed_at = iif(outgoing, sent_at, min(sent_at, unixepoch() * 1000));
  DROP INDEX messages_in_order;
  CREATE INDEX messages_in_order ON messages (conversation, placed_at, id);
`;

const VERSIONS: readonly string[] = [FIRST, SECOND];

/**
 * Brings a database to the newest schema; each step and its version number are one transaction.
 * @throws EngineError `profile-damaged` if a newer version of this program wrote it.
 */
export function migrate(database: Database): void {
  const current = Number(database.get('PRAGMA user_version')?.user_version ?? 0);
  if (current > VERSIONS.length) {
    throw new EngineError('profile-damaged', 'the profile was written by a newer version');
  }
  for (const [index, script] of VERSIONS.entries()) {
    if (index < current) continue;
    database.transaction(() => {
      database.script(script);
      database.script(`PRAGMA user_version = ${index + 1}`);
    });
  }
}
