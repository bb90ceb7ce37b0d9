/**
 * Version 7: the message of a config is kept in pieces, so that a change of it writes only what is different. What was
 * stored before holds the message itself until it is written again.
 */
export const SEVENTH = `
  -- Which message it is; and the names of its pieces in their order, one after another.
  ALTER TABLE shared_configs ADD COLUMN message_hash TEXT NOT NULL DEFAULT '';
  ALTER TABLE shared_configs ADD COLUMN pieces BLOB NOT NULL DEFAULT x'';

  CREATE TABLE shared_pieces (
    namespace INTEGER NOT NULL,
    name BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (namespace, name)
  ) STRICT;
`;
