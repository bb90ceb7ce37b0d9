/** Version 6: messages can be searched, and what keeps this database safe notes what it did. */
export const SIXTH = `
  -- Only the index; the text itself stays with the messages. Signs of scripts without spaces are words of their own.
  CREATE VIRTUAL TABLE message_text USING fts5 (
    body, content = 'messages', content_rowid = 'id', tokenize = 'signal_tokenizer', prefix = '1 2 3'
  );
  -- What is removed leaves the index at once, instead of being marked as removed.
  INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);
  INSERT INTO message_text (message_text) VALUES ('rebuild');
  CREATE TRIGGER message_text_added AFTER INSERT ON messages BEGIN
    INSERT INTO message_text (rowid, body) VALUES (new.id, new.body);
  END;
  CREATE TRIGGER message_text_removed AFTER DELETE ON messages BEGIN
    INSERT INTO message_text (message_text, rowid, body) VALUES ('delete', old.id, old.body);
  END;
  CREATE TRIGGER message_text_changed AFTER UPDATE OF body ON messages WHEN old.body <> new.body BEGIN
    INSERT INTO message_text (message_text, rowid, body) VALUES ('delete', old.id, old.body);
    INSERT INTO message_text (rowid, body) VALUES (new.id, new.body);
  END;
  CREATE INDEX messages_by_time ON messages (placed_at, id);

  CREATE TABLE safety (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    -- The snapshot still holds something that was deleted since.
    snapshot_is_stale INTEGER NOT NULL DEFAULT 0,
    -- The last repair that the person has not been told of, and of when the copy was that it used.
    repaired_at INTEGER,
    repaired_from INTEGER
  ) STRICT;
  INSERT INTO safety (only) VALUES (1);
  -- Messages that disappear are never in a snapshot.
  CREATE TRIGGER message_deleted AFTER DELETE ON messages WHEN old.expiry_mode IS NULL BEGIN
    UPDATE safety SET snapshot_is_stale = 1 WHERE snapshot_is_stale = 0;
  END;
  CREATE TRIGGER message_erased AFTER UPDATE OF deleted ON messages WHEN new.deleted > old.deleted BEGIN
    UPDATE safety SET snapshot_is_stale = 1 WHERE snapshot_is_stale = 0;
  END;
`;
