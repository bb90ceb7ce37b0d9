import { bytesToHex, hexToBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import type { ConfigObject } from '../object/index.ts';
import { normalizeBaseUrl, parseCommunityUrl } from '../types/community.ts';
import { type Contact, contacts } from '../types/contacts.ts';
import { convoInfoVolatile } from '../types/convo-info-volatile.ts';
import { accessors } from '../types/describe.ts';
import type { Disappearing, Picture } from '../types/pairs.ts';
import { destroyed, type Group, invitedAgain, kicked, userGroups } from '../types/user-groups.ts';
import { userProfile } from '../types/user-profile.ts';
import { cutUtf8 } from '../types/utf8.ts';
import { eraseIn, getIn, isSet, ScalarSet, setIn, type Value } from '../values/index.ts';
import { pathOf, type Step } from './vector-types.ts';

/** Performs an editing step and returns what `erased` tells, if it is a step that erases. */
export type Edit = (config: ConfigObject, step: Step, now: number) => boolean | undefined;

const NOTIFICATIONS = ['default', 'all', 'disabled', 'mentions'] as const;
const MODES = [null, 'after-send', 'after-read'] as const;

/** The steps that edit a config, by their names in the vector files. */
export const edits: Readonly<Record<string, Edit>> = {
  // The reference behind the vectors dates nothing, so there is no clock here.
  set_name: (config, { name }) => profile(config).set({ name }),
  set_name_truncated: (config, { name }) => profile(config).set({ name: Buffer.from(cutUtf8(name, 100)).toString() }),
  set_pic: (config, { url, key }) => profile(config).set({ picture: pictureOf({ url, key }) }),
  set_nts_priority: (config, { priority }) => profile(config).set({ noteToSelfPriority: priority }),
  set_nts_expiry: (config, { seconds }) => profile(config).set({ noteToSelfTimer: seconds }),
  set_blinded_msgreqs: (config, { value }) => profile(config).set({ communityRequests: value }),

  field_int: (config, { path, value }) => set(config, path, BigInt(value)),
  field_str: (config, { path, value }) => set(config, path, utf8ToBytes(value)),
  field_hex: (config, { path, value }) => set(config, path, hexToBytes(value)),
  field_erase: (config, { path }) => void config.edit((data) => eraseIn(data, pathOf(path))),
  field_add: (config, { path, value }) =>
    editSet(config, path, (members) => members.union(ScalarSet.of([BigInt(value)]))),
  field_rem: (config, { path, value }) =>
    editSet(config, path, (members) => members.minus(ScalarSet.of([BigInt(value)]))),

  set_contact: setContact,
  erase_contact: (config, { id }) => people(config).erase(id),
  gen_contacts: (config, { count, tag }) => {
    for (let index = 0; index < count; index++) {
      const id = `05${bytesToHex(blake2b(32, utf8ToBytes(`${tag}${index}`)))}`;
      people(config).set(id, { nickname: `My friend ${index}`, approved: true });
    }
    return undefined;
  },

  set_1to1: (config, step, now) => reads(config, now).people.set(step.id, marksOf(step)),
  set_group_read: (config, step, now) => reads(config, now).groups.set(step.id, marksOf(step)),
  set_legacy_read: (config, step, now) => reads(config, now).legacyGroups.set(step.id, marksOf(step)),
  set_community_read: (config, step, now) =>
    reads(config, now).communities.set(
      { baseUrl: step.base_url, publicKey: hexToBytes(step.pubkey), name: step.room },
      marksOf(step),
    ),
  erase_1to1: (config, { id }, now) => reads(config, now).people.erase(id),
  erase_community_read: (config, { base_url, room }, now) => reads(config, now).communities.erase(base_url, room),

  set_community: setCommunity,
  erase_community: (config, { base_url, room }) => groups(config).communities.erase(base_url, room),
  set_legacy_group: setLegacyGroup,
  erase_legacy_group: (config, { id }) => groups(config).legacyGroups.erase(id),
  set_group: setGroup,
};

function profile(config: ConfigObject): { set(changes: object): undefined } {
  const { profile: fields } = accessors(userProfile, config, null);
  return { set: (changes) => void fields.set(changes) } as { set(changes: object): undefined };
}

const people = (config: ConfigObject) => accessors(contacts, config, null).contacts;
const reads = (config: ConfigObject, now: number) => accessors(convoInfoVolatile, config, () => now) as Settable;
const groups = (config: ConfigObject) => accessors(userGroups, config, null);

/** Setters that return nothing, where an edit may return nothing. */
type Accessor = ReturnType<typeof accessors<typeof convoInfoVolatile.sections>>;
type Settable = {
  [K in keyof Accessor]: Omit<Accessor[K], 'set'> & { set(...parameters: Parameters<Accessor[K]['set']>): undefined };
};

function set(config: ConfigObject, path: string[], value: Value): undefined {
  config.edit((data) => setIn(data, pathOf(path), value));
}

function editSet(config: ConfigObject, path: string[], change: (members: ScalarSet) => ScalarSet): undefined {
  config.edit((data) => {
    const members = getIn(data, pathOf(path));
    return setIn(data, pathOf(path), change(isSet(members) ? members : ScalarSet.of([])));
  });
}

/** Without what the step leaves out, so that it keeps its value. */
function given<T extends object>(changes: T): Partial<T> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function pictureOf(pic: { url: string; key: string }): Picture {
  return { url: pic.url, key: hexToBytes(pic.key) };
}

function setContact(config: ConfigObject, step: Step): undefined {
  const before = people(config).get(/^05/.test(step.id) && step.id.length === 66 ? step.id : `05${'0'.repeat(64)}`);
  const changes: { [K in keyof Contact]: Contact[K] | undefined } = {
    name: step.name,
    nickname: step.nickname,
    picture: step.pic && pictureOf(step.pic),
    approved: step.approved,
    approvedMe: step.approved_me,
    blocked: step.blocked,
    priority: step.priority,
    notifications: NOTIFICATIONS[step.notifications],
    muteUntil: step.mute_until,
    created: step.created,
    disappearing: disappearingOf(step, before?.disappearing ?? null),
    profileUpdated: undefined,
    archived: undefined,
    proFeatures: undefined,
  };
  people(config).set(step.id, given(changes) as Partial<Contact>);
}

function disappearingOf({ exp_mode, exp_seconds }: Step, before: Disappearing | null): Disappearing | null | undefined {
  if (exp_mode === undefined && exp_seconds === undefined) return undefined;
  const mode = exp_mode === undefined ? (before?.mode ?? null) : MODES[exp_mode];
  return mode ? { mode, seconds: exp_seconds ?? before?.seconds ?? 0 } : null;
}

function marksOf({ last_read, unread }: Step): { lastRead?: number; unread?: boolean } {
  return given({ lastRead: last_read, unread });
}

function commonOf(step: Step): object {
  return given({
    priority: step.priority,
    joined: step.joined_at,
    notifications: NOTIFICATIONS[step.notifications],
    muteUntil: step.mute_until,
    invited: step.invited,
  });
}

function setCommunity(config: ConfigObject, step: Step): undefined {
  const { baseUrl, room, publicKey } = step.url
    ? parseCommunityUrl(step.url)
    : { baseUrl: normalizeBaseUrl(step.base_url), room: step.room, publicKey: hexToBytes(step.pubkey) };
  groups(config).communities.set({ baseUrl, publicKey, name: room }, commonOf(step));
}

function setLegacyGroup(config: ConfigObject, step: Step): undefined {
  const before = groups(config).legacyGroups.get(step.id);
  const members = new Map([...(before?.members ?? []), ...Object.entries<boolean>(step.members ?? {})]);
  for (const id of step.remove ?? []) members.delete(id);
  const keys = step.enc_pubkey && { publicKey: hexToBytes(step.enc_pubkey), secretKey: hexToBytes(step.enc_seckey) };
  groups(config).legacyGroups.set(step.id, {
    ...given({ name: step.name, keys, timer: step.disappearing_timer }),
    members,
    ...commonOf(step),
  });
}

const marks: Readonly<Record<string, (group: Group) => Partial<Group>>> = { kicked, destroyed, invited: invitedAgain };

function setGroup(config: ConfigObject, step: Step): undefined {
  const { groups: all } = groups(config);
  all.set(step.id, commonOf(step));
  const access = all.get(step.id)!.access;
  const seed = step.secretkey === undefined ? access.seed : hexToBytes(step.secretkey).subarray(0, 32);
  const authData = step.auth_data === undefined ? access.authData : hexToBytes(step.auth_data);
  const mark = step.mark === undefined ? () => ({}) : marks[step.mark];
  if (!mark) throw new Error(`unknown mark of a group: ${step.mark}`);
  const group = { ...all.get(step.id)!, access: { seed, authData } };
  all.set(step.id, { ...given({ name: step.name }), access: group.access, ...mark(group) });
}
