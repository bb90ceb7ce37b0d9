import { utf8ToBytes } from '@sotto/wire/bytes';
import { ConfigError } from '../errors.ts';
import { isSet, type Scalar, ScalarSet } from '../values/index.ts';
import { bytesAt, type Field, integerAt, put } from './field.ts';
import { bytesToText, cutUtf8 } from './utf8.ts';

/** Longest display name, nickname or name of a group, in bytes of UTF-8 (config §11). */
export const MAX_NAME_BYTES = 100;

const MICROSECONDS_FROM = 9e12;
const MILLISECONDS_FROM = 9e9;
/** Largest number of a bit in a set of features. */
const MAX_BIT = 63;

/** Text; absent reads as ''. What is too long is refused, or cut between characters. */
export function text(
  key: string,
  meaning: string,
  options: { maxBytes: number; overlong: 'refuse' | 'cut'; always?: boolean; dated?: boolean },
): Field<string> {
  const { maxBytes, overlong, always = false, dated = false } = options;
  const tooLong = overlong === 'cut' ? 'cut' : 'refused';
  return {
    always,
    dated,
    row: {
      keys: [key],
      type: 'text',
      rule: `≤ ${maxBytes} bytes, longer is ${tooLong}${always ? '; always stored' : ''}`,
      meaning,
    },
    read: (dict) => bytesToText(bytesAt(dict, key) ?? new Uint8Array()),
    write: (dict, value) => {
      const bytes = overlong === 'cut' ? cutUtf8(value, maxBytes) : utf8ToBytes(value);
      if (bytes.length > maxBytes) throw new ConfigError('value', `the text has more than ${maxBytes} bytes`);
      return put(dict, key, bytes.length > 0 || always ? bytes : null);
    },
  };
}

/** An integer; absent reads as 0. Which values are stored is the rule; others erase the key. */
export function integer(key: string, meaning: string, stored: 'nonzero' | 'positive', type = 'integer'): Field<number> {
  return {
    row: { keys: [key], type, rule: `stored if ${stored === 'positive' ? '> 0' : '≠ 0'}`, meaning },
    read: (dict) => integerAt(dict, key) ?? 0,
    write: (dict, value) => put(dict, key, integerToStore(value, stored)),
  };
}

/** A time in seconds since 1970; absent reads as 0. Old writers stored ms or µs, which is undone (config §9). */
export function timestamp(key: string, meaning: string): Field<number> {
  return {
    row: { keys: [key], type: 'time, s', rule: 'stored if > 0; ms and µs are taken for what they are', meaning },
    read: (dict) => inSeconds(integerAt(dict, key) ?? 0),
    write: (dict, value) => put(dict, key, integerToStore(inSeconds(value), 'positive')),
  };
}

function inSeconds(value: number): number {
  if (value > MICROSECONDS_FROM) return Math.trunc(value / 1e6);
  return value > MILLISECONDS_FROM ? Math.trunc(value / 1e3) : value;
}

function integerToStore(value: number, stored: 'nonzero' | 'positive'): bigint | null {
  if (!Number.isSafeInteger(value)) throw new ConfigError('value', 'not an integer');
  return stored === 'positive' ? (value > 0 ? BigInt(value) : null) : value !== 0 ? BigInt(value) : null;
}

/** Yes or no; absent is no. */
export function flag(key: string, meaning: string): Field<boolean> {
  return {
    row: { keys: [key], type: 'flag', rule: '1 or absent', meaning },
    read: (dict) => (integerAt(dict, key) ?? 0) !== 0,
    write: (dict, value) => put(dict, key, value ? 1n : null),
  };
}

/** Yes, no, or `null` for not chosen yet. */
export function choice(key: string, meaning: string, options: { dated?: boolean } = {}): Field<boolean | null> {
  return {
    dated: options.dated ?? false,
    row: { keys: [key], type: 'choice', rule: '1 yes, 0 no, absent not chosen', meaning },
    read: (dict) => {
      const value = integerAt(dict, key);
      return value === null ? null : value !== 0;
    },
    write: (dict, value) => put(dict, key, value === null ? null : value ? 1n : 0n),
  };
}

/** Bytes that this package does not look into; absent is `null`, and so are none. */
export function opaque(key: string, meaning: string, options: { dated?: boolean } = {}): Field<Uint8Array | null> {
  return {
    dated: options.dated ?? false,
    row: { keys: [key], type: 'bytes', rule: 'stored if not empty', meaning },
    read: (dict) => bytesAt(dict, key),
    write: (dict, value) => put(dict, key, value && value.length > 0 ? value : null),
  };
}

/** Numbers of bits that are on, 0–63. Other members of the set are left alone. */
export function bits(key: string, meaning: string, options: { dated?: boolean } = {}): Field<readonly number[]> {
  const isBit = (member: Scalar): member is bigint => typeof member === 'bigint' && member >= 0n && member <= MAX_BIT;
  return {
    dated: options.dated ?? false,
    row: { keys: [key], type: 'set of bit numbers', rule: '0–63; others are kept', meaning },
    read: (dict) => {
      const set = dict.get(key);
      return isSet(set) ? set.members.filter(isBit).map(Number) : [];
    },
    write: (dict, value) => {
      const wanted = value.map((bit) => BigInt(bit));
      if (!wanted.every(isBit)) throw new ConfigError('value', 'a bit has a number from 0 to 63');
      const set = dict.get(key);
      const kept = isSet(set) ? set.members.filter((member) => !isBit(member)) : [];
      const members = ScalarSet.of([...wanted, ...kept]);
      return put(dict, key, members.members.length > 0 ? members : null);
    },
  };
}

/** How somebody wants to be told of messages. */
export type Notifications = 'default' | 'all' | 'disabled' | 'mentions';

const NOTIFICATIONS: readonly Notifications[] = ['default', 'all', 'disabled', 'mentions'];

/** How to tell of messages (config §9). Where nobody can be mentioned, `mentions` reads and is stored as `all`. */
export function notifications(key: string, options: { mentions: boolean }): Field<Notifications> {
  const known = (value: Notifications): Notifications => (value === 'mentions' && !options.mentions ? 'all' : value);
  return {
    row: {
      keys: [key],
      type: 'integer',
      rule: `0 or absent default, 1 all, 2 disabled, 3 ${options.mentions ? 'mentions only' : 'as 1'}`,
      meaning: 'how to tell of messages',
    },
    read: (dict) => known(NOTIFICATIONS[integerAt(dict, key) ?? 0] ?? 'default'),
    write: (dict, value) => put(dict, key, integerToStore(NOTIFICATIONS.indexOf(known(value)), 'positive')),
  };
}
