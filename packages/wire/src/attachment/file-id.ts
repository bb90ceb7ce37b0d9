import { blake2b as incrementalBlake2b } from '@noble/hashes/blake2.js';
import { concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { type Steps, slices } from './steps.ts';

/** How long ids are that come from the content; only files with such an id can be extended (messages §9.2). */
export const CONTENT_ID_LENGTH = 44;

const SALT = concatBytes(utf8ToBytes('SessionFileSvr'), new Uint8Array(2));
const HASH_BYTES = 33;
const FILE_ID = /^[A-Za-z0-9_-]{1,44}$/;

/** The id of a file by its content: 44 characters, the same for the same bytes (messages §9.2 b). */
export function* contentFileId(body: Uint8Array): Steps<string> {
  const hash = incrementalBlake2b.create({ dkLen: HASH_BYTES, salt: SALT });
  for (const slice of slices(body)) {
    hash.update(slice);
    yield;
  }
  return Buffer.from(hash.digest()).toString('base64url');
}

/** May this text be the id of a file (messages §9.2)? */
export function isFileId(text: string): boolean {
  return FILE_ID.test(text);
}
