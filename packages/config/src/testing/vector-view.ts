import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import type { ConfigObject } from '../object/index.ts';
import { contacts } from '../types/contacts.ts';
import { convoInfoVolatile } from '../types/convo-info-volatile.ts';
import { accessors } from '../types/describe.ts';
import type { Picture } from '../types/pairs.ts';
import type { Notifications } from '../types/scalars.ts';
import { userGroups } from '../types/user-groups.ts';
import { userProfile } from '../types/user-profile.ts';

const NOTIFICATIONS: readonly Notifications[] = ['default', 'all', 'disabled', 'mentions'];
const REMOVED = ['no', 'kicked', 'destroyed'];
const MODES = ['after-send', 'after-read'];

/** What a config says, in the words of the vector files, by the name of its type. */
export const views: Readonly<Record<string, (config: ConfigObject) => unknown>> = {
  UserProfile: (config) => {
    const profile = accessors(userProfile, config, null).profile.get();
    return {
      name: profile.name === '' ? null : profile.name,
      pic: picOf(profile.picture),
      nts_priority: profile.noteToSelfPriority,
      nts_expiry: profile.noteToSelfTimer === 0 ? null : profile.noteToSelfTimer,
      blinded_msgreqs: profile.communityRequests,
    };
  },

  Contacts: (config) =>
    accessors(contacts, config, null)
      .contacts.list()
      .map((contact) => ({
        id: contact.id,
        name: contact.name,
        nickname: contact.nickname,
        pic: picOf(contact.picture),
        approved: contact.approved,
        approved_me: contact.approvedMe,
        blocked: contact.blocked,
        priority: contact.priority,
        notifications: NOTIFICATIONS.indexOf(contact.notifications),
        mute_until: contact.muteUntil,
        exp_mode: MODES.indexOf(contact.disappearing?.mode ?? '') + 1,
        exp_seconds: contact.disappearing?.seconds ?? 0,
        created: contact.created,
      })),

  ConvoInfoVolatile: (config) => {
    const all = accessors(convoInfoVolatile, config, null);
    const marks = ({ lastRead, unread }: { lastRead: number; unread: boolean }) => ({ last_read: lastRead, unread });
    const byId = (entry: { id: string; lastRead: number; unread: boolean }) => ({ id: entry.id, ...marks(entry) });
    return {
      '1to1': all.people.list().map(byId),
      communities: all.communities.list().map((entry) => ({
        base_url: entry.baseUrl,
        room: entry.name,
        pubkey: bytesToHex(entry.publicKey),
        ...marks(entry),
      })),
      groups: all.groups.list().map(byId),
      legacy_groups: all.legacyGroups.list().map(byId),
    };
  },

  UserGroups: (config) => {
    const all = accessors(userGroups, config, null);
    return {
      communities: all.communities.list().map((entry) => ({
        base_url: entry.baseUrl,
        room: entry.room,
        room_norm: entry.name,
        pubkey: bytesToHex(entry.publicKey),
        ...commonOf(entry),
      })),
      groups: all.groups.list().map((group) => ({
        id: group.id,
        name: group.name,
        secretkey: group.access.seed ? bytesToHex(ed25519KeyPair(group.access.seed).secretKey) : '',
        auth_data: group.access.authData ? bytesToHex(group.access.authData) : '',
        removed_status: REMOVED.indexOf(group.removed),
        ...commonOf(group),
      })),
      legacy_groups: all.legacyGroups.list().map((group) => ({
        id: group.id,
        name: group.name,
        enc_pubkey: group.keys ? bytesToHex(group.keys.publicKey) : '',
        enc_seckey: group.keys ? bytesToHex(group.keys.secretKey) : '',
        disappearing_timer: group.timer,
        members: Object.fromEntries(group.members),
        ...commonOf(group),
      })),
    };
  },
};

function picOf(picture: Picture | null): { url: string; key: string } | null {
  return picture && { url: picture.url, key: bytesToHex(picture.key) };
}

function commonOf(entry: {
  priority: number;
  joined: number;
  notifications: Notifications;
  muteUntil: number;
  invited: boolean;
}) {
  return {
    priority: entry.priority,
    joined_at: entry.joined,
    notifications: NOTIFICATIONS.indexOf(entry.notifications),
    mute_until: entry.muteUntil,
    invited: entry.invited,
  };
}
