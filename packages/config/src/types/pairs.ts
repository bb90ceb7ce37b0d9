import { utf8ToBytes } from '@sotto/wire/bytes';
import { ConfigError } from '../errors.ts';
import { bytesAt, type Field, integerAt, put } from './field.ts';
import { bytesToText } from './utf8.ts';

const MAX_PICTURE_URL_BYTES = 223;
const KEY_BYTES = 32;

/** Where a picture lies, and the 32 bytes that decrypt it. */
export interface Picture {
  readonly url: string;
  readonly key: Uint8Array;
}

/** A picture: both keys or neither. One without a URL or with another key than 32 bytes erases both. */
export function picture(urlKey: string, keyKey: string, meaning: string): Field<Picture | null> {
  return {
    row: {
      keys: [urlKey, keyKey],
      type: 'URL, 32 bytes',
      rule: `both or neither; URL ≤ ${MAX_PICTURE_URL_BYTES} bytes`,
      meaning,
    },
    read: (dict) => {
      const url = bytesAt(dict, urlKey);
      const key = bytesAt(dict, keyKey, KEY_BYTES);
      return url && url.length > 0 && key ? { url: bytesToText(url), key } : null;
    },
    write: (dict, value) => {
      const url = utf8ToBytes(value?.url ?? '');
      if (url.length > MAX_PICTURE_URL_BYTES) {
        throw new ConfigError('value', `the URL has more than ${MAX_PICTURE_URL_BYTES} bytes`);
      }
      const complete = value !== null && url.length > 0 && value.key.length === KEY_BYTES;
      return put(put(dict, urlKey, complete ? url : null), keyKey, complete ? value.key : null);
    },
  };
}

/** When messages disappear. */
export interface Disappearing {
  readonly mode: 'after-send' | 'after-read';
  readonly seconds: number;
}

const MODES = [null, 'after-send', 'after-read'] as const;

/** Whether and when messages disappear: both keys or neither. */
export function disappearing(modeKey: string, secondsKey: string): Field<Disappearing | null> {
  return {
    row: {
      keys: [modeKey, secondsKey],
      type: 'integer, seconds',
      rule: 'both or neither; mode 1 after being sent, 2 after being read',
      meaning: 'when messages disappear',
    },
    read: (dict) => {
      const mode = MODES[integerAt(dict, modeKey) ?? 0] ?? null;
      const seconds = integerAt(dict, secondsKey) ?? 0;
      return mode && seconds > 0 ? { mode, seconds } : null;
    },
    write: (dict, value) => {
      if (value && !Number.isSafeInteger(value.seconds)) throw new ConfigError('value', 'not a number of seconds');
      const mode = value && value.seconds > 0 ? BigInt(MODES.indexOf(value.mode)) : null;
      return put(put(dict, modeKey, mode), secondsKey, mode ? BigInt(value!.seconds) : null);
    },
  };
}

/** An X25519 key pair. */
export interface GroupKeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A key pair of 32 bytes each: both keys or neither. */
export function keyPair(publicKey: string, secretKey: string, meaning: string): Field<GroupKeyPair | null> {
  return {
    row: { keys: [publicKey, secretKey], type: '32 bytes each', rule: 'both or neither', meaning },
    read: (dict) => {
      const pair = { publicKey: bytesAt(dict, publicKey, KEY_BYTES), secretKey: bytesAt(dict, secretKey, KEY_BYTES) };
      return pair.publicKey && pair.secretKey ? (pair as GroupKeyPair) : null;
    },
    write: (dict, value) => {
      const complete = value?.publicKey.length === KEY_BYTES && value.secretKey.length === KEY_BYTES;
      return put(put(dict, publicKey, complete ? value.publicKey : null), secretKey, complete ? value.secretKey : null);
    },
  };
}

/** The last proof of a Pro account that was seen in a conversation. */
export interface SeenProof {
  /** 32 bytes. */
  readonly revocationTag: Uint8Array;
  /** Seconds since 1970. */
  readonly expiry: number;
}

/** Times above this were written in ms by older versions (config §9.1, §9.3). */
const MILLISECONDS_FROM = 1e12;

/** A number of seconds that older versions wrote in ms. */
export function secondsOnceMilliseconds(value: number): number {
  return value > MILLISECONDS_FROM ? Math.trunc(value / 1000) : value;
}

/** A seen proof: both keys or neither. */
export function seenProof(tagKey: string, expiryKey: string): Field<SeenProof | null> {
  return {
    row: {
      keys: [tagKey, expiryKey],
      type: '32 bytes; time, s',
      rule: 'both or neither',
      meaning: 'the last Pro proof seen',
    },
    read: (dict) => {
      const revocationTag = bytesAt(dict, tagKey, KEY_BYTES);
      const expiry = secondsOnceMilliseconds(integerAt(dict, expiryKey) ?? 0);
      return revocationTag && expiry > 0 ? { revocationTag, expiry } : null;
    },
    write: (dict, value) => {
      const complete = value?.revocationTag.length === KEY_BYTES && value.expiry > 0;
      return put(
        put(dict, tagKey, complete ? value.revocationTag : null),
        expiryKey,
        complete ? BigInt(Math.trunc(value.expiry)) : null,
      );
    },
  };
}
