import { utf8ToBytes } from '@sotto/wire/bytes';
import { MAX_DISPLAY_NAME_BYTES, type ReceivedProfile } from '@sotto/wire/content';
import type { ConversationState } from '../store/conversation-state.ts';
import type { Received } from './received.ts';

/** Control characters, line breaks, and what turns round the text that follows a name. */
const NOT_IN_A_NAME = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu;

/**
 * Takes the name and picture that travelled with somebody's message, if they are newer than what we know, or if neither
 * is dated (messages §5.6). `known`: of the conversation with them; one that does not exist is not created.
 */
export function applyProfile(
  profile: ReceivedProfile | null,
  known: ConversationState | null,
  { store, touched, sender, sentAt, ownId }: Omit<Received, 'senderState'>,
): void {
  if (!profile || !known || sender === ownId) return;
  const profileAt = Math.min(profile.updatedAt * 1000, Number.MAX_SAFE_INTEGER);
  const isNewer =
    profileAt > known.profileAt || (profileAt === 0 && known.profileAt === 0 && sentAt > known.profileSentAt);
  if (!isNewer) return;
  const { picture } = profile;
  const isSamePicture = picture !== null && picture.url === known.pictureUrl;
  const change: Partial<ConversationState> = {
    profileName: cleanName(profile.name) ?? known.profileName,
    profileAt,
    profileSentAt: sentAt,
    pictureUrl: picture?.url ?? null,
    pictureKey: picture?.key ?? null,
    pictureBlob: isSamePicture ? known.pictureBlob : null,
  };
  if (!store.conversations.update(sender, change)) return;
  touched.conversation(sender);
  if (picture) touched.work();
}

/** A name as it may be shown; `null` if nothing is left of it. */
export function cleanName(name: string | null): string | null {
  const clean = name?.replace(NOT_IN_A_NAME, ' ').trim() ?? '';
  return clean !== '' && utf8ToBytes(clean).length <= MAX_DISPLAY_NAME_BYTES ? clean : null;
}
