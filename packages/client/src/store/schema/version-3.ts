/**
 * Version 3: conversations whole. Messages get versions, quotes, attachments, reactions and an end; what is deleted is
 * remembered, and what came before the message that it is about is kept for it.
 */
export const THIRD = `
  ALTER TABLE account ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE account ADD COLUMN picture_url TEXT;
  ALTER TABLE account ADD COLUMN picture_key BLOB;
  ALTER TABLE account ADD COLUMN picture_blob TEXT;
  ALTER TABLE account ADD COLUMN picture_uploaded_at INTEGER NOT NULL DEFAULT 0;
  UPDATE account SET created_at = unixepoch() * 1000;

  ALTER TABLE conversations RENAME COLUMN name TO profile_name;
  ALTER TABLE conversations RENAME COLUMN name_changed_at TO profile_at;
  -- When the message was sent that brought an undated profile.
  ALTER TABLE conversations ADD COLUMN profile_sent_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN picture_url TEXT;
  ALTER TABLE conversations ADD COLUMN picture_key BLOB;
  ALTER TABLE conversations ADD COLUMN picture_blob TEXT;
  ALTER TABLE conversations ADD COLUMN nickname TEXT;
  ALTER TABLE conversations ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
  -- Below zero: not listed; above: pinned.
  ALTER TABLE conversations ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN notifications TEXT NOT NULL DEFAULT 'all';
  ALTER TABLE conversations ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN last_read_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN expiry_mode TEXT;
  ALTER TABLE conversations ADD COLUMN expiry_seconds INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN expiry_set_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN their_expiry_mode TEXT;
  ALTER TABLE conversations ADD COLUMN their_expiry_seconds INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN their_expiry_set_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN auto_download INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN draft TEXT NOT NULL DEFAULT '';
  -- Of the contact link that led us to them; travels with what we write until they accept us.
  ALTER TABLE conversations ADD COLUMN contact_token BLOB;
  UPDATE conversations SET created_at = last_activity_at;

  CREATE TABLE messages_3 (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    kind TEXT NOT NULL DEFAULT 'message',
    author TEXT NOT NULL,
    outgoing INTEGER NOT NULL,
    -- What identifies it, with its author; of an edited one, its first version. Absent for notices of our own making.
    sent_at INTEGER,
    -- Of an edited message, when the version that is shown was sent.
    version_at INTEGER,
    placed_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    delivery TEXT CHECK (delivery IN ('waiting', 'sending', 'stored', 'failed')),
    failure TEXT,
    unread INTEGER NOT NULL,
    -- The other side told that they read it.
    was_read INTEGER NOT NULL DEFAULT 0,
    -- In our own mailbox.
    hash TEXT,
    quote_author TEXT,
    quote_sent_at INTEGER,
    -- JSON: what only some kinds have.
    details TEXT,
    deleted INTEGER NOT NULL DEFAULT 0,
    mentions_us INTEGER NOT NULL DEFAULT 0,
    expiry_mode TEXT,
    expiry_seconds INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER,
    UNIQUE (author, sent_at),
    CHECK ((delivery IS NOT NULL) = (outgoing = 1 AND kind = 'message')),
    CHECK (failure IS NULL OR delivery = 'failed')
  ) STRICT;
  INSERT INTO messages_3 (id, conversation, author, outgoing, sent_at, placed_at, body, delivery, failure, unread)
    SELECT id, conversation, author, outgoing, sent_at, placed_at, body, delivery, failure, unread FROM messages;
  CREATE TABLE outbox_2 AS SELECT * FROM outbox ORDER BY id;
  DROP TABLE outbox;
  DROP TABLE messages;
  ALTER TABLE messages_3 RENAME TO messages;
  CREATE INDEX messages_in_order ON messages (conversation, placed_at, id);
  CREATE INDEX messages_unread ON messages (conversation, placed_at, mentions_us) WHERE unread = 1;
  CREATE INDEX messages_by_expiry ON messages (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX messages_notices ON messages (conversation, kind, author) WHERE kind <> 'message';
  CREATE INDEX messages_by_quote ON messages (quote_author, quote_sent_at) WHERE quote_author IS NOT NULL;

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    recipient TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('message', 'copy', 'unsend', 'control')),
    -- Absent for messages: they are composed when they are sent.
    content BLOB,
    sent_at INTEGER NOT NULL,
    ttl INTEGER NOT NULL,
    message INTEGER,
    copy BLOB,
    attempts INTEGER NOT NULL DEFAULT 0,
    unreachable_since INTEGER,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    CHECK (content IS NOT NULL OR role = 'message')
  ) STRICT;
  CREATE INDEX outbox_by_queue ON outbox (queue, id);
  CREATE INDEX outbox_by_message ON outbox (message) WHERE message IS NOT NULL;
  INSERT INTO outbox (id, queue, recipient, role, content, sent_at, ttl, message, attempts, unreachable_since, next_attempt_at)
    SELECT id, queue, recipient, iif(message IS NOT NULL, 'message', iif(queue = 'copies', 'copy', 'control')),
      iif(message IS NULL, content, NULL), sent_at, 1209600000, message, attempts, unreachable_since, next_attempt_at
    FROM outbox_2;
  DROP TABLE outbox_2;

  -- Later versions of edited messages: which message they are of.
  CREATE TABLE versions (
    author TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    first_sent_at INTEGER NOT NULL,
    PRIMARY KEY (author, sent_at)
  ) STRICT, WITHOUT ROWID;

  -- Whose author took them back, whether they are here or may still come.
  CREATE TABLE unsent (
    author TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (author, sent_at)
  ) STRICT, WITHOUT ROWID;

  -- Removed from this device; they stay away at least until then.
  CREATE TABLE gone (
    author TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (author, sent_at)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX gone_by_end ON gone (until);

  -- Conversations whose messages up to a time were removed for good.
  CREATE TABLE cleared (conversation TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE reactions (
    conversation TEXT NOT NULL,
    message_author TEXT NOT NULL,
    message_sent_at INTEGER NOT NULL,
    author TEXT NOT NULL,
    emoji TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    PRIMARY KEY (message_author, message_sent_at, conversation, author, emoji)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX reactions_by_age ON reactions (sent_at);

  CREATE TABLE early_receipts (
    reader TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (reader, sent_at)
  ) STRICT, WITHOUT ROWID;

  -- Calls that somebody offered, with their notice; and those that one of our devices took or ended (peer is us).
  CREATE TABLE calls (
    uuid TEXT NOT NULL,
    peer TEXT NOT NULL,
    message INTEGER,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (uuid, peer)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    is_preview INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    file_name TEXT,
    size INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    is_voice INTEGER NOT NULL,
    caption TEXT,
    url TEXT,
    key BLOB,
    digest BLOB,
    -- Its file on this device.
    blob TEXT,
    -- It is to be loaded; so often it has failed.
    is_wanted INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    is_lost INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX attachments_wanted ON attachments (id) WHERE is_wanted = 1;
  CREATE INDEX attachments_by_message ON attachments (message, position);

  -- Files on this device that nothing shows any more.
  CREATE TABLE unused_blobs (blob TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TRIGGER attachments_removed AFTER DELETE ON attachments WHEN old.blob IS NOT NULL
    BEGIN INSERT OR IGNORE INTO unused_blobs (blob) VALUES (old.blob); END;
  CREATE TRIGGER picture_changed AFTER UPDATE OF picture_blob ON conversations
    WHEN old.picture_blob IS NOT NULL AND old.picture_blob IS NOT new.picture_blob
    BEGIN INSERT OR IGNORE INTO unused_blobs (blob) VALUES (old.picture_blob); END;
  CREATE TRIGGER picture_removed AFTER DELETE ON conversations WHEN old.picture_blob IS NOT NULL
    BEGIN INSERT OR IGNORE INTO unused_blobs (blob) VALUES (old.picture_blob); END;
  CREATE TRIGGER own_picture_changed AFTER UPDATE OF picture_blob ON account
    WHEN old.picture_blob IS NOT NULL AND old.picture_blob IS NOT new.picture_blob
    BEGIN INSERT OR IGNORE INTO unused_blobs (blob) VALUES (old.picture_blob); END;

  -- What our own mailbox still has to do.
  CREATE TABLE chores (
    hash TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('delete', 'shorten')),
    expires_at INTEGER NOT NULL,
    message INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (hash, kind)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE deletions (
    message INTEGER PRIMARY KEY,
    nodes INTEGER NOT NULL,
    of_nodes INTEGER NOT NULL,
    told INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE contact_tokens (token BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
