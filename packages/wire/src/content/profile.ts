import { utf8ToBytes } from '../bytes/index.ts';
import type { DataMessage, LokiProfile, MessageRequestResponse } from './generated/content_pb.ts';

/** Bytes of UTF-8 that a display name may have (messages §6). */
export const MAX_DISPLAY_NAME_BYTES = 100;

const MAX_PICTURE_URL_BYTES = 223;
/** Some clients write keys of 16 bytes. */
const PICTURE_KEY_BYTES = [16, 32];
/** `lastUpdateSeconds` at or above this is in milliseconds (messages §5.6). */
const FIRST_VALUE_IN_MS = 4_000_000_000n;

/** How a sender describes itself (messages §5.6). */
export interface ReceivedProfile {
  /** `null` leaves the known name. */
  readonly name: string | null;
  /** `null` clears the known picture. */
  readonly picture: { readonly url: string; readonly key: Uint8Array } | null;
  /** When the sender last changed it, s since 1970, 0 if unknown. Applies if later than what is known, or both are 0. */
  readonly updatedAt: number;
}

/**
 * The profile in a message (messages §5.6), `null` if it has none. A name above 100 bytes or a picture with a URL above
 * 223 bytes, without a key or with a key of an odd size, counts as absent.
 */
export function profileOf(message: DataMessage | MessageRequestResponse): ReceivedProfile | null {
  const { profile } = message;
  if (!profile) return null;
  return { name: nameOf(profile), picture: pictureOf(profile, message.profileKey), updatedAt: updateTimeOf(profile) };
}

function nameOf({ displayName }: LokiProfile): string | null {
  return displayName !== '' && utf8ToBytes(displayName).length <= MAX_DISPLAY_NAME_BYTES ? displayName : null;
}

function pictureOf({ profilePicture: url }: LokiProfile, key: Uint8Array): ReceivedProfile['picture'] {
  const usable =
    url !== '' && utf8ToBytes(url).length <= MAX_PICTURE_URL_BYTES && PICTURE_KEY_BYTES.includes(key.length);
  return usable ? { url, key } : null;
}

function updateTimeOf({ lastUpdateSeconds: value }: LokiProfile): number {
  return Number(value >= FIRST_VALUE_IN_MS ? value / 1000n : value);
}
