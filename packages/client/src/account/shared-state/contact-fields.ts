import type { Contact } from '@sotto/config';
import { utf8ToBytes } from '@sotto/wire/bytes';
import { cleanName } from '../../conversation/profile.ts';
import type { Notifications } from '../../engine.ts';
import type { ConversationState } from '../../store/conversation-state.ts';

/** Seconds; above it the protocol takes times for milliseconds (config §9). */
const LATEST_S = 9_000_000_000;
/** (config §11) */
const LONGEST_PICTURE_URL = 223;

const TO_SHARED: Readonly<Record<Notifications, Contact['notifications']>> = {
  all: 'all',
  mentions: 'mentions',
  none: 'disabled',
};
const FROM_SHARED: Readonly<Record<Contact['notifications'], Notifications>> = {
  default: 'all',
  all: 'all',
  mentions: 'mentions',
  disabled: 'none',
};

/** Something that we know of a person, in the shared state and on this device. */
interface ContactField {
  /** What a change of it here is known by. */
  readonly of: readonly (keyof ConversationState)[];
  toShared(state: ConversationState, shared: Contact | null): Partial<Contact>;
  /** What the shared state says, as this device keeps it. */
  fromShared(shared: Contact): Partial<ConversationState>;
}

/** All that is shared of a contact, each thing once (config §9.2). */
export const CONTACT_FIELDS: Readonly<Record<string, ContactField>> = {
  created: {
    of: ['createdAt'],
    // Nobody dates a contact anew.
    toShared: ({ createdAt }, shared) => (shared?.created ? {} : { created: inSeconds(createdAt) }),
    fromShared: ({ created }) => (created > 0 ? { createdAt: created * 1000 } : {}),
  },
  profile: {
    of: ['profileName', 'profileAt', 'pictureUrl', 'pictureKey'],
    toShared: ({ profileName, profileAt, pictureUrl: url, pictureKey: key }) => ({
      name: profileName ?? '',
      picture: url !== null && key !== null && utf8ToBytes(url).length <= LONGEST_PICTURE_URL ? { url, key } : null,
      profileUpdated: inSeconds(profileAt),
    }),
    fromShared: ({ name, picture, profileUpdated }) => ({
      profileName: cleanName(name),
      profileAt: profileUpdated * 1000,
      pictureUrl: picture?.url ?? null,
      pictureKey: picture?.key ?? null,
    }),
  },
  nickname: {
    of: ['nickname'],
    toShared: ({ nickname }) => ({ nickname: nickname ?? '' }),
    fromShared: ({ nickname }) => ({ nickname: cleanName(nickname) }),
  },
  approved: {
    of: ['approved'],
    toShared: ({ approved }) => ({ approved }),
    fromShared: ({ approved }) => ({ approved }),
  },
  approvedUs: {
    of: ['approvedUs'],
    toShared: ({ approvedUs }) => ({ approvedMe: approvedUs }),
    fromShared: ({ approvedMe }) => ({ approvedUs: approvedMe }),
  },
  blocked: {
    of: ['blocked'],
    toShared: ({ blocked }) => ({ blocked }),
    fromShared: ({ blocked }) => ({ blocked }),
  },
  priority: {
    of: ['priority'],
    toShared: ({ priority }) => ({ priority }),
    fromShared: ({ priority }) => ({ priority }),
  },
  archived: {
    of: ['archived', 'archivedAt'],
    toShared: ({ archived, archivedAt }) => ({ archived: archived ? archivedAt : 0 }),
    fromShared: ({ archived }) => ({ archived: archived > 0, archivedAt: archived }),
  },
  notifications: {
    of: ['notifications'],
    toShared: ({ notifications }) => ({ notifications: TO_SHARED[notifications] }),
    fromShared: ({ notifications }) => ({ notifications: FROM_SHARED[notifications] }),
  },
  mutedUntil: {
    of: ['mutedUntil'],
    toShared: ({ mutedUntil }) => ({ muteUntil: inSeconds(mutedUntil) }),
    fromShared: ({ muteUntil }) => ({ mutedUntil: muteUntil * 1000 }),
  },
  disappearing: {
    of: ['disappearing'],
    toShared: ({ disappearing }) => ({ disappearing }),
    fromShared: ({ disappearing }) => ({ disappearing }),
  },
};

/** Names of the fields by what this device keeps; other changes are its own matter. */
export const FIELD_OF = new Map(
  Object.entries(CONTACT_FIELDS).flatMap(([name, { of }]) => of.map((key) => [key, name])),
);

/** Whole seconds, as the shared state has them. */
function inSeconds(ms: number): number {
  return Math.min(Math.ceil(ms / 1000), LATEST_S);
}
