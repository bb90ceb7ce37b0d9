/** Version 5: the state that the devices of an account share, and what this device has changed of it. */
export const FIFTH = `
  CREATE TABLE shared_configs (
    namespace INTEGER PRIMARY KEY,
    dump BLOB NOT NULL,
    -- JSON: hashes that a push on its way has deleted, or will have.
    deleting TEXT NOT NULL DEFAULT '[]',
    -- When the newest message of it was stored that this device has merged.
    told_at INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  -- What was changed here and is not in the shared state yet: a conversation, or our own profile ('').
  CREATE TABLE shared_edits (
    subject TEXT NOT NULL,
    field TEXT NOT NULL,
    PRIMARY KEY (subject, field)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE account ADD COLUMN other_seen_at INTEGER;
  ALTER TABLE account ADD COLUMN synced_at INTEGER;
  -- A message that is older does not bring it back into the list.
  ALTER TABLE conversations ADD COLUMN archived_at INTEGER NOT NULL DEFAULT 0;
`;
