/** Version 1: accounts, conversations, messages, both queues, and what the network floor remembers. */
export const FIRST = `
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
