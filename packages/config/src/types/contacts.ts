import { ConfigError } from '../errors.ts';
import { collection } from './collection.ts';
import { describeConfig } from './describe.ts';
import type { ValueOf } from './field.ts';
import { disappearing, picture } from './pairs.ts';
import { perServer } from './per-server.ts';
import { record } from './record.ts';
import { bits, flag, integer, MAX_NAME_BYTES, notifications, text, timestamp } from './scalars.ts';

const BLINDED_KEY = /^[0-9a-f]{64}$/;

const known = {
  name: text('n', 'the name that the person gave themself', {
    maxBytes: MAX_NAME_BYTES,
    overlong: 'cut',
    always: true,
  }),
  picture: picture('p', 'q', "the person's picture"),
  profileUpdated: integer('t', "time of the person's name and picture; newer ones replace them", 'positive', 'time, s'),
  proFeatures: bits('f', "the person's Pro features"),
  priority: integer('+', '−1 hidden, 0 normal, > 0 pinned, higher first', 'nonzero'),
  created: timestamp('j', 'when the contact was made'),
};

const contactFields = {
  ...known,
  nickname: text('N', 'the name that we gave them', { maxBytes: MAX_NAME_BYTES, overlong: 'refuse' }),
  approved: flag('a', 'we let them write to us'),
  approvedMe: flag('A', 'they let us write to them'),
  blocked: flag('b', 'blocked'),
  notifications: notifications('@', { mentions: false }),
  muteUntil: timestamp('!', 'no notifications until then'),
  disappearing: disappearing('e', 'E'),
  archived: integer('sotto.archived', 'when the conversation was archived; 0 if it is not', 'positive', 'time, ms'),
};

const blindedFields = { ...known, blinding15: flag('y', 'the id begins with 15; else with 25') };

/** What an account keeps of another one. */
export type Contact = { readonly [K in keyof typeof contactFields]: ValueOf<(typeof contactFields)[K]> };

/** Contacts (config §9.2). */
export const contacts = describeConfig({
  name: 'Contacts',
  namespace: 3,
  kind: 2,
  sections: {
    contacts: collection('c', ['05'], record(contactFields)),
    blinded: perServer('b', 'blinded id without prefix, as hex', blindedKey, record(blindedFields)),
  },
});

function blindedKey(id: string): string {
  const key = id.toLowerCase();
  if (!BLINDED_KEY.test(key)) throw new ConfigError('value', 'a blinded id without prefix has 64 hex digits');
  return key;
}
