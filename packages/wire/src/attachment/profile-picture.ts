import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';

/** Key of a profile picture in the legacy format. */
export const PICTURE_KEY_BYTES = 32;
export const PICTURE_IV_BYTES = 12;

const TAG_BYTES = 16;

/**
 * Seals a profile picture: iv ‖ AES-256-GCM ‖ tag, not padded (messages §8.3). The iv must never repeat under a key.
 * @throws WireError `attachment` for a key or iv of another length.
 */
export function sealProfilePicture(picture: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array {
  if (key.length !== PICTURE_KEY_BYTES || iv.length !== PICTURE_IV_BYTES) {
    throw new WireError('attachment', 'the secrets of a profile picture have 32 and 12 bytes');
  }
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  return concatBytes(iv, cipher.update(picture), cipher.final(), cipher.getAuthTag());
}

/**
 * Opens {@link sealProfilePicture} (messages §8.3).
 * @throws WireError `attachment` with the protocol's own sentence; trying again with the same bytes is of no use.
 */
export function openProfilePicture(file: Uint8Array, key: Uint8Array): Uint8Array {
  if (file.length < PICTURE_IV_BYTES + TAG_BYTES + 1) {
    throw new WireError('attachment', `Got too short input: ${file.length}`);
  }
  if (key.length !== PICTURE_KEY_BYTES) throw new WireError('attachment', 'Got invalid length profile key');
  const end = file.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(0, PICTURE_IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(file.subarray(end));
  const picture = decipher.update(file.subarray(PICTURE_IV_BYTES, end));
  try {
    decipher.final();
  } catch {
    picture.fill(0);
    throw new WireError('attachment', 'Failed to decrypt profile data. Most likely the profile key has changed.');
  }
  return picture;
}
