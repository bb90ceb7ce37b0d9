/**
 * Version 8: who asked whom, and when that was answered, so that the notice of it does not depend on the order in which
 * messages come; of those who had accepted us before, it stays as it is. And what was written long before it could be
 * read does not count as read because of what was read meanwhile.
 */
export const EIGHTH = `
  -- When we first wrote to them.
  ALTER TABLE conversations ADD COLUMN asked_at INTEGER;
  -- When they first showed that they want to hear from us; less than zero if it was by a link, so that nobody had to answer.
  ALTER TABLE conversations ADD COLUMN answered_at INTEGER;
  UPDATE conversations SET answered_at = 0 WHERE approved_us = 1;
  UPDATE conversations SET asked_at = created_at WHERE approved = 1;

  -- When one of our devices last wrote to them.
  ALTER TABLE conversations ADD COLUMN wrote_at INTEGER NOT NULL DEFAULT 0;
  -- When it could be read at the earliest, if that is long after its place.
  ALTER TABLE messages ADD COLUMN late_at INTEGER;

  -- Answers to what another device of ours asked, until its copy comes.
  CREATE TABLE early_answers (
    peer TEXT PRIMARY KEY,
    answered_at INTEGER NOT NULL,
    noted_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
