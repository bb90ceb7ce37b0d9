/** Version 4: files on this device, each with a key of its own; their sealed bytes lie beside the database. */
export const FOURTH = `
  CREATE TABLE blobs (
    name TEXT PRIMARY KEY,
    key BLOB NOT NULL,
    size INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
