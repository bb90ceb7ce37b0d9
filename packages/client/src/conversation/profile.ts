import { utf8ToBytes } from '@sotto/wire/bytes';
import { MAX_DISPLAY_NAME_BYTES, type ReceivedProfile } from '@sotto/wire/content';
import type { ConversationState } from '../store/conversation-state.ts';
import type { Received } from './received.ts';

/** Control characters, line breaks, and a letter that is drawn as nothing. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\u2800]+/gu;
/**
 * What is not drawn, or turns round the text that follows a name; but for what joins and varies the signs of scripts and
 * emoji.
 */
const UNSEEN =
  /[\p{Default_Ignorable_Code_Point}--[\u200C\u200D\uFE00-\uFE0F\u{E0020}-\u{E007F}\u{E0100}-\u{E01EF}]]+/gv;
/** Of these alone nothing is to be seen. */
const NOTHING = /^[\p{Default_Ignorable_Code_Point}\p{M}\s]*$/u;

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
  const clean = name?.replace(UNSEEN, '').replace(BREAKS, ' ').trim() ?? '';
  return !NOTHING.test(clean) && utf8ToBytes(clean).length <= MAX_DISPLAY_NAME_BYTES ? clean : null;
}
