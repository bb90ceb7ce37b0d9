import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { equalBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { type Steps, slices } from './steps.ts';

/** Key of an attachment in the legacy format: 32 bytes for AES, 32 for the MAC. */
export const LEGACY_KEY_BYTES = 64;
export const LEGACY_IV_BYTES = 16;
/** The largest plaintext, in bytes, padded or not (messages §6). */
export const MAX_LEGACY_BYTES = 10_000_000;

const MAC_BYTES = 32;
const BLOCK_BYTES = 16;
const SMALLEST_PADDED_BYTES = 541;
const GROWTH = 1.05;

/** What a sender of the legacy format decides or draws; nothing of it may be used twice. */
export interface LegacySecrets {
  /** 64 random bytes. */
  readonly key: Uint8Array;
  /** 16 random bytes. */
  readonly iv: Uint8Array;
}

/** A sealed file, and its SHA-256 as the pointer tells it. */
export interface LegacyFile {
  readonly file: Uint8Array;
  readonly digest: Uint8Array;
}

/** To how many bytes a plaintext of `size` bytes is padded, so that its size tells a class of 5 % only (messages §8.1). */
export function legacyPaddedSize(size: number): number {
  if (size <= SMALLEST_PADDED_BYTES) return SMALLEST_PADDED_BYTES;
  const padded = Math.max(size, Math.floor(GROWTH ** Math.ceil(Math.log(size) / Math.log(GROWTH))));
  return padded > MAX_LEGACY_BYTES && size <= MAX_LEGACY_BYTES ? MAX_LEGACY_BYTES : padded;
}

/**
 * Pads and seals an attachment: iv ‖ AES-256-CBC ‖ HMAC-SHA256 (messages §8.1).
 * @throws WireError `attachment` for secrets of another length or more than 10,000,000 bytes.
 */
export function* sealLegacy(plaintext: Uint8Array, { key, iv }: LegacySecrets): Steps<LegacyFile> {
  if (key.length !== LEGACY_KEY_BYTES || iv.length !== LEGACY_IV_BYTES) {
    throw new WireError('attachment', 'the secrets of an attachment have 64 and 16 bytes');
  }
  if (plaintext.length > MAX_LEGACY_BYTES) throw new WireError('attachment', 'the attachment is too large');
  const padding = new Uint8Array(legacyPaddedSize(plaintext.length) - plaintext.length);
  const cipher = createCipheriv('aes-256-cbc', key.subarray(0, 32), iv);
  const mac = createHmac('sha256', key.subarray(32)).update(iv);
  const hash = createHash('sha256').update(iv);
  const ciphertextBytes = plaintext.length + padding.length;
  const file = new Uint8Array(
    LEGACY_IV_BYTES + ciphertextBytes + BLOCK_BYTES - (ciphertextBytes % BLOCK_BYTES) + MAC_BYTES,
  );
  file.set(iv);
  let end = LEGACY_IV_BYTES;
  const append = (sealed: Uint8Array) => {
    file.set(sealed, end);
    end += sealed.length;
    mac.update(sealed);
    hash.update(sealed);
  };
  for (const part of [plaintext, padding]) {
    for (const slice of slices(part)) {
      append(cipher.update(slice));
      yield;
    }
  }
  append(cipher.final());
  const tag = mac.digest();
  file.set(tag, end);
  return { file, digest: hash.update(tag).digest() };
}

/**
 * Opens {@link sealLegacy}; gives the plaintext with its padding, see `cutToSize` (messages §8.1).
 * @throws WireError `attachment` with the protocol's own sentence; nothing is decrypted before MAC and digest agree.
 */
export function* openLegacy(file: Uint8Array, key: Uint8Array, digest: Uint8Array | null): Steps<Uint8Array> {
  if (key.length !== LEGACY_KEY_BYTES) throw new WireError('attachment', 'Got invalid length attachment keys');
  if (file.length < LEGACY_IV_BYTES + MAC_BYTES) throw new WireError('attachment', 'Got invalid length attachment');
  const macStart = file.length - MAC_BYTES;
  const mac = createHmac('sha256', key.subarray(32));
  const hash = createHash('sha256');
  for (const slice of slices(file.subarray(0, macStart))) {
    mac.update(slice);
    hash.update(slice);
    yield;
  }
  if (!equalBytes(mac.digest(), file.subarray(macStart))) throw new WireError('attachment', 'Bad MAC');
  if (digest === null) throw new WireError('attachment', 'No digest');
  if (!equalBytes(hash.update(file.subarray(macStart)).digest(), digest)) {
    throw new WireError('attachment', 'Bad digest');
  }
  return yield* decrypt(file.subarray(0, LEGACY_IV_BYTES), file.subarray(LEGACY_IV_BYTES, macStart), key);
}

function* decrypt(iv: Uint8Array, ciphertext: Uint8Array, key: Uint8Array): Steps<Uint8Array> {
  const decipher = createDecipheriv('aes-256-cbc', key.subarray(0, 32), iv);
  const plaintext = new Uint8Array(ciphertext.length);
  let end = 0;
  const append = (opened: Uint8Array) => {
    plaintext.set(opened, end);
    end += opened.length;
  };
  for (const slice of slices(ciphertext)) {
    append(decipher.update(slice));
    yield;
  }
  try {
    append(decipher.final());
  } catch {
    throw new WireError('attachment', 'Bad padding');
  }
  return plaintext.subarray(0, end);
}
