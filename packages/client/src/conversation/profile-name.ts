import { utf8ToBytes } from '@sotto/wire/bytes';
import type { LokiProfile } from '@sotto/wire/content';
import { MAXIMUM_NAME_BYTES } from '../account/account.ts';
import type { ProfileStore } from '../store/profile-store.ts';

/** A `lastUpdateSeconds` from here on is in ms (messages §5.6). */
const MILLISECONDS_FROM = 4_000_000_000n;
/** Control characters, line breaks, and what turns round the text that follows a name. */
const NOT_IN_A_NAME = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu;
const LATEST = 8_640_000_000_000_000n;

/**
 * Takes the name that travelled with somebody's message, if it is newer than the one we know (messages §5.6).
 * A conversation that does not exist is not created. @returns whether the name is another one now.
 */
export function applyProfileName(sender: string, profile: LokiProfile | undefined, store: ProfileStore): boolean {
  const name = profile?.displayName.replace(NOT_IN_A_NAME, ' ').trim() ?? '';
  if (!profile || name === '' || utf8ToBytes(name).length > MAXIMUM_NAME_BYTES) return false;
  return store.conversations.applyName(sender, name, milliseconds(profile.lastUpdateSeconds));
}

function milliseconds(lastUpdate: bigint): number {
  const value = lastUpdate >= MILLISECONDS_FROM ? lastUpdate : lastUpdate * 1000n;
  return Number(value > LATEST ? LATEST : value);
}
