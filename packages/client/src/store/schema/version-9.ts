/** Version 9: bounds for what others could make this device remember; snapshots are written while messages come and go. */
export const NINTH = `
  -- It did not open: it is remembered for a while only to save work.
  ALTER TABLE seen ADD COLUMN is_noise INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE seen ADD COLUMN noted_at INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX seen_by_age ON seen (is_noise, noted_at);

  ALTER TABLE versions ADD COLUMN noted_at INTEGER NOT NULL DEFAULT 0;
  UPDATE versions SET noted_at = unixepoch() * 1000;

  CREATE INDEX chores_by_time ON chores (next_attempt_at);

  -- 2: as 1, but a snapshot without it is being written.
  DROP TRIGGER message_deleted;
  CREATE TRIGGER message_deleted AFTER DELETE ON messages WHEN old.expiry_mode IS NULL BEGIN
    UPDATE safety SET snapshot_is_stale = 1 WHERE snapshot_is_stale <> 1;
  END;
  DROP TRIGGER message_erased;
  CREATE TRIGGER message_erased AFTER UPDATE OF deleted ON messages WHEN new.deleted > old.deleted BEGIN
    UPDATE safety SET snapshot_is_stale = 1 WHERE snapshot_is_stale <> 1;
  END;
`;
