/**
 * Version 2: where a message stands among others is not for its author alone to say. `sent_at` remains what identifies
 * it; it is shown and ordered by `placed_at`.
 */
export const SECOND = `
  ALTER TABLE messages ADD COLUMN placed_at INTEGER NOT NULL DEFAULT 0;
  UPDATE messages SET placed_at = iif(outgoing, sent_at, min(sent_at, unixepoch() * 1000));
  DROP INDEX messages_in_order;
  CREATE INDEX messages_in_order ON messages (conversation, placed_at, id);
`;
