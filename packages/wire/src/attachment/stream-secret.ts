import { blake2b as incrementalBlake2b } from '@noble/hashes/blake2.js';
import { utf8ToBytes } from '../bytes/index.ts';
import { STREAM_HEADER_BYTES } from '../crypto/index.ts';
import { type Steps, slices } from './steps.ts';

/** What a sealed stream holds; the same content gives another key for each. */
export type StreamPurpose = 'attachment' | 'profile-picture';

/** The two secrets of a stream: 24 bytes that travel with the file, and the 32-byte key of the pointer. */
export interface StreamSecret {
  readonly header: Uint8Array;
  readonly key: Uint8Array;
}

/** How the secrets come from the content: as clients in use do it, or as the newest library; receivers cannot tell. */
export type StreamDerivation = 'released' | 'newest';

const SECRET_BYTES: number = STREAM_HEADER_BYTES + 32;

const DOMAINS = { attachment: Uint8Array.of(0), 'profile-picture': Uint8Array.of(1) };
const PERSONAL = {
  attachment: utf8ToBytes('SessionAttachmnt'),
  'profile-picture': utf8ToBytes('Session_Prof_Pic'),
};

/**
 * The secrets of a content, the same for equal contents of one account, so that equal uploads are one file
 * (messages §8.2). `seed` is the account's 32-byte Ed25519 seed.
 */
export function* streamSecret(
  seed: Uint8Array,
  data: Uint8Array,
  purpose: StreamPurpose,
  derivation: StreamDerivation = 'released',
): Steps<StreamSecret> {
  const hash =
    derivation === 'released'
      ? incrementalBlake2b.create({ dkLen: SECRET_BYTES, key: DOMAINS[purpose] }).update(seed)
      : incrementalBlake2b.create({ dkLen: SECRET_BYTES, key: seed, personalization: PERSONAL[purpose] });
  for (const slice of slices(data)) {
    hash.update(slice);
    yield;
  }
  const secret = hash.digest();
  return { header: secret.slice(0, STREAM_HEADER_BYTES), key: secret.slice(STREAM_HEADER_BYTES) };
}
