import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import { ConfigError } from '../errors.ts';
import { isSet, ScalarSet } from '../values/index.ts';
import { collection } from './collection.ts';
import { normalizeRoom } from './community.ts';
import { describeConfig } from './describe.ts';
import { bytesAt, type Field, integerAt, put, type ValueOf } from './field.ts';
import { bytesToId, idToBytes } from './ids.ts';
import { keyPair } from './pairs.ts';
import { perServer } from './per-server.ts';
import { record } from './record.ts';
import { flag, integer, MAX_NAME_BYTES, notifications, text, timestamp } from './scalars.ts';
import { bytesToText } from './utf8.ts';

const SEED_BYTES = 32;
const AUTH_DATA_BYTES = 100;
const MEMBER_PREFIXES = ['05'] as const;
const MAX_ROOM_BYTES = 64;

const common = {
  priority: integer('+', '−1 hidden, 0 normal, > 0 pinned, higher first', 'nonzero'),
  joined: timestamp('j', 'when it was joined'),
  notifications: notifications('@', { mentions: true }),
  muteUntil: timestamp('!', 'no notifications until then'),
  invited: flag('i', 'an invitation that was not answered yet'),
};

const groupFields = {
  name: text('n', 'name from the invitation', { maxBytes: MAX_NAME_BYTES, overlong: 'cut' }),
  access: groupAccess('K', 's'),
  removed: removedStatus('r', 'whether we were removed'),
  ...common,
};

const legacyGroupFields = {
  name: text('n', 'name', { maxBytes: MAX_NAME_BYTES, overlong: 'cut', always: true }),
  keys: keyPair('k', 'K', 'X25519 key pair of the group'),
  members: members('m', 'a'),
  timer: integer('E', 'messages disappear this long after being read', 'positive', 'integer, seconds'),
  ...common,
};

/** What an account keeps of a group. */
export type Group = { readonly [K in keyof typeof groupFields]: ValueOf<(typeof groupFields)[K]> };

/** UserGroups (config §9.4). */
export const userGroups = describeConfig({
  name: 'UserGroups',
  namespace: 5,
  kind: 4,
  sections: {
    communities: perServer('o', 'room in lower case', normalizeRoom, record({ room: roomName('n'), ...common })),
    groups: collection('g', ['03'], record(groupFields)),
    legacyGroups: collection('C', ['05'], record(legacyGroupFields)),
  },
});

/** How one gets into a group: as admin with its seed, else with data that admins made for the member. */
export interface GroupAccess {
  /** Ed25519 seed of the group, 32 bytes. */
  readonly seed: Uint8Array | null;
  /** 100 bytes. It stays behind when a member becomes admin: prefer the seed. */
  readonly authData: Uint8Array | null;
}

/** Whether one was removed from a group; from `destroyed` there is no way back. */
export type Removed = 'no' | 'kicked' | 'destroyed';

/** The changes to a group from which one was removed. */
export function kicked(group: Group): Partial<Group> {
  return { access: { seed: null, authData: null }, removed: group.removed === 'destroyed' ? 'destroyed' : 'kicked' };
}

/** The changes to a group that everybody was removed from for ever. */
export function destroyed(): Partial<Group> {
  return { access: { seed: null, authData: null }, removed: 'destroyed' };
}

/** The changes to a group into which one was invited again. */
export function invitedAgain(group: Group): Partial<Group> {
  return { removed: group.removed === 'destroyed' ? 'destroyed' : 'no' };
}

function groupAccess(seedKey: string, authKey: string): Field<GroupAccess> {
  const belongs = (seed: Uint8Array, id: string): boolean =>
    seed.length === SEED_BYTES && bytesToHex(ed25519KeyPair(seed).publicKey) === id.slice(2);
  return {
    always: true,
    row: {
      keys: [seedKey, authKey],
      type: '32 bytes or none; 100 bytes',
      rule: `${seedKey} always stored, empty without a seed of this id; with one, ${authKey} is left as it was`,
      meaning: 'seed of the group for its admins; sign-in data for members',
    },
    read: (dict, { id }) => {
      const seed = bytesAt(dict, seedKey, SEED_BYTES);
      return { seed: seed && belongs(seed, id) ? seed : null, authData: bytesAt(dict, authKey, AUTH_DATA_BYTES) };
    },
    write: (dict, { seed, authData }, { id }) => {
      if (seed && belongs(seed, id)) return put(dict, seedKey, seed);
      return put(put(dict, seedKey, new Uint8Array()), authKey, authData?.length === AUTH_DATA_BYTES ? authData : null);
    },
  };
}

function removedStatus(key: string, meaning: string): Field<Removed> {
  const statuses: readonly Removed[] = ['no', 'kicked', 'destroyed'];
  return {
    row: { keys: [key], type: 'integer', rule: '0 or absent no, 1 kicked, 2 destroyed', meaning },
    read: (dict) => statuses[integerAt(dict, key) ?? 0] ?? 'no',
    write: (dict, value) => put(dict, key, value === 'no' ? null : BigInt(statuses.indexOf(value))),
  };
}

/** The room as it was first written; the entry's key is in lower case. */
function roomName(key: string): Field<string> {
  return {
    always: true,
    row: { keys: [key], type: 'text', rule: 'always stored', meaning: 'name of the room in its own case' },
    read: (dict, { id }) => bytesToText(bytesAt(dict, key) ?? Buffer.from(id)),
    write: (dict, value) => {
      if (Buffer.byteLength(value) > MAX_ROOM_BYTES) throw new ConfigError('value', 'the name of the room is too long');
      return put(dict, key, Buffer.from(value));
    },
  };
}

/** Ids of members, with whether they are admins. An id that is in both sets is a member (config §9.4). */
function members(membersKey: string, adminsKey: string): Field<ReadonlyMap<string, boolean>> {
  return {
    row: {
      keys: [membersKey, adminsKey],
      type: 'sets of 33-byte ids',
      rule: 'who is in both is a member',
      meaning: 'members; admins',
    },
    read: (dict) => {
      const found = new Map<string, boolean>();
      for (const key of [adminsKey, membersKey]) {
        const set = dict.get(key);
        for (const member of isSet(set) ? set.members : []) {
          const id = typeof member === 'bigint' ? null : bytesToId(member, MEMBER_PREFIXES);
          if (id !== null) found.set(id, key === adminsKey);
        }
      }
      return found;
    },
    write: (dict, value) => {
      const setOf = (admins: boolean): ScalarSet | null => {
        const ids = [...value].filter(([, admin]) => admin === admins).map(([id]) => idToBytes(id, MEMBER_PREFIXES));
        return ids.length > 0 ? ScalarSet.of(ids) : null;
      };
      return put(put(dict, membersKey, setOf(false)), adminsKey, setOf(true));
    },
  };
}
