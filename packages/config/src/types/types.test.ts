import { expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { ConfigObject } from '../object/index.ts';
import { PLAIN, TestSwarm } from '../testing/swarm.ts';
import { accountOf } from '../testing/vector-devices.ts';
import { userConfigOptions } from '../user-config.ts';
import { getIn, setIn } from '../values/index.ts';
import { contacts } from './contacts.ts';
import { convoInfoVolatile } from './convo-info-volatile.ts';
import { accessors } from './describe.ts';
import { local } from './local.ts';
import { kicked, userGroups } from './user-groups.ts';
import { profileUpdated, shownPicture, userProfile } from './user-profile.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 1_790_000_000_000;
const SECONDS = NOW / 1000;
const ID = `05${'ab'.repeat(32)}`;
const GROUP = `03${'cd'.repeat(32)}`;
const BLINDED = `15${'ef'.repeat(32)}`;
const SERVER = { baseUrl: 'https://example.org', publicKey: new Uint8Array(32).fill(5), name: 'Lobby' };
const picture = (name: string) => ({ url: `http://example.org/${name}`, key: new Uint8Array(32).fill(1) });

test('changes of the profile are dated, and tell others which picture is shown', () => {
  let now = NOW;
  const { profile } = accessors(userProfile, new ConfigObject(PLAIN), () => now);
  expect(profileUpdated(profile.get())).toBe(0);
  profile.set({ name: 'Alice' });
  expect(profile.get()).toMatchObject({ changed: SECONDS, storedAgain: 0 });
  profile.set({ noteToSelfPriority: 1 });
  now += DAY;
  profile.set({ name: 'Alice' });
  expect(profile.get().changed).toBe(SECONDS);

  profile.set({ picture: picture('a') });
  expect(shownPicture(profile.get())).toEqual(picture('a'));
  now += DAY;
  profile.set({ storedAgainPicture: picture('b') });
  expect(shownPicture(profile.get())).toEqual(picture('b'));
  expect(profileUpdated(profile.get())).toBe(now / 1000);
  now += DAY;
  profile.set({ name: 'Bob' });
  expect(profile.get()).toMatchObject({ changed: SECONDS + 86_400, storedAgain: now / 1000 });
  now += DAY;
  profile.set({ picture: null });
  expect(profile.get()).toMatchObject({ changed: now / 1000, storedAgain: now / 1000, storedAgainPicture: null });
  expect(shownPicture(profile.get())).toBeNull();
});

test('Pro fields that depend on the end of access go with it', () => {
  const { profile } = accessors(userProfile, new ConfigObject(PLAIN), () => NOW);
  profile.set({ proPurchase: SECONDS, proGracePeriod: 5, proExpiry: SECONDS - 1 });
  expect(profile.get()).toMatchObject({ proPurchase: SECONDS, proGracePeriod: 5 });
  profile.set({ proExpiry: SECONDS + 10 });
  expect(profile.get().proPurchase).toBe(0);
  profile.set({ proExpiry: 0 });
  expect(profile.get().proGracePeriod).toBe(0);
  profile.set({ proRefund: SECONDS - 8 * 86_400 });
  expect(profile.get().proRefund).toBe(0);
});

test('times that old versions wrote in other units are read in seconds', () => {
  const config = new ConfigObject(PLAIN);
  const { contacts: people } = accessors(contacts, config, () => NOW);
  for (const stored of [SECONDS, NOW, NOW * 1000]) {
    people.set(ID, { created: stored });
    expect(people.get(ID)!.created).toBe(SECONDS);
  }
  const { profile } = accessors(userProfile, config, () => NOW);
  config.edit((data) => setIn(data, ['E'], BigInt(NOW)));
  expect(profile.get().proExpiry).toBe(SECONDS);
});

test('an entry keeps what is not known of it, and goes with it when it is erased', () => {
  const config = new ConfigObject(PLAIN);
  const { contacts: people } = accessors(contacts, config, () => NOW);
  people.set(ID, { name: 'Alice', blocked: true });
  const key = Buffer.from(ID, 'hex').toString('latin1');
  config.edit((data) => setIn(data, ['c', key, 'future'], 5n));
  people.set(ID, { blocked: false, muteUntil: 77, disappearing: { mode: 'after-read', seconds: 60 } });
  expect(getIn(config.data, ['c', key, 'future'])).toBe(5n);
  expect(people.get(ID)).toMatchObject({ name: 'Alice', blocked: false, muteUntil: 77 });
  expect(people.erase(ID)).toBe(true);
  expect(people.erase(ID)).toBe(false);
  expect(config.data.size).toBe(0);
});

test('what a field does not take is refused and changes nothing', () => {
  const config = new ConfigObject(PLAIN);
  const { contacts: people, blinded } = accessors(contacts, config, () => NOW);
  const { communities, groups } = accessors(userGroups, config, () => NOW);
  const { profile } = accessors(userProfile, config, () => NOW);
  const refused: (() => void)[] = [
    () => people.set(ID, { name: 'x', nickname: 'é'.repeat(51) }),
    () => people.set(ID, { picture: { url: 'x'.repeat(224), key: new Uint8Array(32) } }),
    () => people.set(ID, { priority: 1.5 }),
    () => people.set(ID, { proFeatures: [64] }),
    () => people.get(GROUP),
    () => groups.set(ID, {}),
    () => profile.set({ name: 'é'.repeat(51) }),
    () => blinded.set({ ...SERVER, name: BLINDED }, {}),
    () => communities.set({ ...SERVER, baseUrl: 'https://localhost' }, {}),
    () => communities.set({ ...SERVER, publicKey: new Uint8Array(31) }, {}),
    () => communities.set({ ...SERVER, name: 'a b' }, {}),
  ];
  for (const edit of refused) expect(edit).toThrow(ConfigError);
  expect(config.state).toBe('clean');
});

test('a room keeps the case of its name, is found in any, and takes its server with it', () => {
  const config = new ConfigObject(PLAIN);
  const { communities } = accessors(userGroups, config, () => NOW);
  communities.set(SERVER, { priority: 1 });
  communities.set({ ...SERVER, name: 'lobby' }, { muteUntil: 9 });
  communities.set({ ...SERVER, name: 'other' }, {});
  expect(communities.get('HTTPS://EXAMPLE.org:443/', 'LOBBY')).toMatchObject({
    room: 'Lobby',
    name: 'lobby',
    priority: 1,
    muteUntil: 9,
  });
  expect(communities.list().map(({ room }) => room)).toEqual(['Lobby', 'other']);
  for (const name of ['lobby', 'other']) expect(communities.erase(SERVER.baseUrl, name)).toBe(true);
  expect(config.data.size).toBe(0);
});

test('blinded people and groups', () => {
  const config = new ConfigObject(PLAIN);
  const { blinded } = accessors(contacts, config, () => NOW);
  blinded.set({ ...SERVER, name: BLINDED.slice(2) }, { name: 'B', blinding15: true, proFeatures: [1, 0] });
  expect(blinded.list()).toMatchObject([{ name: BLINDED.slice(2), blinding15: true, proFeatures: [0, 1] }]);
  const { groups } = accessors(userGroups, config, () => NOW);
  groups.set(GROUP, { access: { seed: null, authData: new Uint8Array(100).fill(1) } });
  groups.set(GROUP, kicked(groups.get(GROUP)!));
  expect(groups.get(GROUP)).toMatchObject({ removed: 'kicked', access: { seed: null, authData: null } });
});

test('read marks older than 30 days are not pushed, unless they are unread or have a valid proof', () => {
  const options = userConfigOptions(convoInfoVolatile, accountOf('11'.repeat(32)));
  const config = new ConfigObject(options);
  const old = NOW - 31 * DAY;
  const then = accessors(convoInfoVolatile, config, () => old);
  const proof = { revocationTag: new Uint8Array(32), expiry: NOW / 1000 + 1 };
  const other = `05${'00'.repeat(32)}`;
  then.people.set(ID, { lastRead: old });
  then.people.set(other, { lastRead: old, proof });
  then.groups.set(GROUP, { lastRead: old });
  then.legacyGroups.set(ID, { lastRead: old, unread: true });
  then.communities.set(SERVER, { lastRead: old });
  then.blinded.set(BLINDED, { lastRead: old, proof: { ...proof, expiry: 5 } });
  expect(then.blinded.get(BLINDED)?.blinding15).toBe(true);
  config.push(NOW);
  expect(then.people.list().map(({ id }) => id)).toEqual([other]);
  expect(then.legacyGroups.list()).toHaveLength(1);
  expect([...then.groups.list(), ...then.communities.list(), ...then.blinded.list()]).toEqual([]);
  expect(config.data.keys).toEqual(['1', 'C']);
});

test('local settings leave others alone', () => {
  const { local: settings } = accessors(local, new ConfigObject(PLAIN), null);
  settings.set({
    theme: 2,
    settings: new Map([
      ['a', true],
      ['ü', false],
    ]),
  });
  settings.set({ settings: new Map([['a', false]]) });
  expect(settings.get()).toMatchObject({
    theme: 2,
    settings: new Map([
      ['a', false],
      ['ü', false],
    ]),
  });
});

test('what has changed in a collection is told, and nothing else', () => {
  const idOf = (number: number) => `05${String(number).padStart(64, '0')}`;
  const [mine, theirs] = [0, 1].map(() => new ConfigObject(PLAIN)) as [ConfigObject, ConfigObject];
  const people = accessors(contacts, mine, () => NOW).contacts;
  for (let number = 1; number <= 4; number++) people.set(idOf(number), { name: `Person ${number}` });
  const swarm = new TestSwarm();
  swarm.settle([mine, theirs]);
  // The other device has the same in other memory: what it changes and what it read are told apart by content.
  const heard = accessors(contacts, theirs, () => NOW).contacts;
  const [before, heardBefore] = [mine.data, theirs.data];
  expect(people.changedSince(before)).toEqual([]);
  expect(people.changedSince(heardBefore)).toEqual([]);
  people.set(idOf(2), { nickname: 'Two' });
  people.erase(idOf(3));
  people.set(idOf(5), { name: 'Person 5' });
  const expected = [
    { id: idOf(2), before: { nickname: '' }, after: { nickname: 'Two' } },
    { id: idOf(3), before: { name: 'Person 3' }, after: null },
    { id: idOf(5), before: null, after: { name: 'Person 5' } },
  ];
  expect(people.changedSince(before)).toMatchObject(expected);
  swarm.settle([mine, theirs]);
  expect(heard.changedSince(heardBefore)).toMatchObject(expected);
  mine.edit((data) => setIn(data, ['c', 'no id'], 1n));
  expect(people.changedSince(theirs.data)).toEqual([]);
});
