import {
  cutToSize,
  LEGACY_IV_BYTES,
  LEGACY_KEY_BYTES,
  openLegacy,
  openProfilePicture,
  openStream,
  PICTURE_IV_BYTES,
  PICTURE_KEY_BYTES,
  type Steps,
  sealLegacy,
  sealProfilePicture,
} from '@sotto/wire/attachment';
import type { Random } from '@sotto/wire/bytes';

/** A file as it travels, and what opens it. */
interface SealedFile {
  readonly file: Uint8Array;
  readonly key: Uint8Array;
  /** SHA-256 of the file; `null` for formats without one. */
  readonly digest: Uint8Array | null;
}

/** What a pointer knows of how a file is sealed. */
interface OpeningFacts {
  readonly key: Uint8Array;
  readonly digest: Uint8Array | null;
  readonly isStream: boolean;
  /** Bytes of the plaintext; `null` if the pointer does not say. */
  readonly size: number | null;
}

/** How one purpose seals files and opens them. */
export interface Sealing {
  seal(plaintext: Uint8Array, random: Random): Steps<SealedFile>;
  /** @throws WireError `attachment` */
  open(file: Uint8Array, facts: OpeningFacts): Steps<Uint8Array>;
}

/** Attachments: written in the format that all clients read, read in both (messages §8.1, §8.2). */
export const ATTACHMENT: Sealing = {
  *seal(plaintext, random) {
    const key = random(LEGACY_KEY_BYTES);
    return { key, ...(yield* sealLegacy(plaintext, { key, iv: random(LEGACY_IV_BYTES) })) };
  },
  *open(file, { key, digest, isStream, size }) {
    const opened = isStream ? yield* openStream(file, key) : yield* openLegacy(file, key, digest);
    return size === null ? opened : cutToSize(opened, size);
  },
};

/** Profile pictures (messages §8.3). */
export const PROFILE_PICTURE: Sealing = {
  *seal(picture, random) {
    const key = random(PICTURE_KEY_BYTES);
    yield;
    return { key, digest: null, file: sealProfilePicture(picture, key, random(PICTURE_IV_BYTES)) };
  },
  *open(file, { key, isStream }) {
    yield;
    return isStream ? yield* openStream(file, key) : openProfilePicture(file, key);
  },
};
