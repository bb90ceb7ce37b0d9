import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../errors.ts';
import {
  accountIdFromEd25519,
  accountIdFromX25519,
  accountIdToBytes,
  deriveAccount,
  parseAccountId,
  parseId,
  phraseToSeed,
  seedToPhrase,
  wipeAccount,
} from './index.ts';

const seeds = fc.uint8Array({ minLength: 16, maxLength: 16 });

test('a phrase leads back to its seed, in whatever case and spacing it is typed', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(' ', '  ', '\n', '\t '), (seed, space) => {
      const phrase = seedToPhrase(seed);
      expect(phrase.split(' ')).toHaveLength(13);
      expect(phraseToSeed(phrase)).toEqual(seed);
      expect(phraseToSeed(` ${phrase.toUpperCase().replaceAll(' ', space)}\n`)).toEqual(seed);
    }),
  );
});

test('any text is a phrase or refused as one', () => {
  const words = fc.array(fc.constantFrom('abbey', 'zoom', 'nylon', 'xx', 'ab', ''), { maxLength: 20 });
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    words.map((list) => list.join(' ')),
  );
  fc.assert(fc.property(texts, (text) => acceptsOrThrows('mnemonic', () => phraseToSeed(text))));
  expect(() => phraseToSeed('abbey '.repeat(1_000_000))).toThrow(WireError);
});

test('a phrase with a wrong number of words says so', () => {
  expect(problemOf('')).toBe('NotEnoughWordsError');
  expect(problemOf('abbey '.repeat(12))).toBe('NotEnoughWordsError');
  expect(problemOf('abbey '.repeat(14))).toBe('TooManyWordsError');
  expect(problemOf('ab '.repeat(13))).toBe('InvalidWordsError');
});

test('errors never quote the phrase', () => {
  expect(() => phraseToSeed(`${'abbey '.repeat(11)}qqqsecret abbey`)).toThrow(/^(?!.*(abbey|qqqsecret))/);
});

test('an account id is read from what a person pastes', () => {
  const id = `05${'aB'.repeat(32)}`;
  expect(parseAccountId(`  ${id}\n`)).toBe(id.toLowerCase());
  for (const wrong of ['', '05', id.slice(1), `${id}0`, `15${id.slice(2)}`, `05${'g'.repeat(64)}`, ' '.repeat(1e6)]) {
    expect(() => parseAccountId(wrong)).toThrow(WireError);
  }
});

test('other ids are told apart by their prefix', () => {
  const kinds = ['00', '03', '05', '07', '15', '25'].map((prefix) => parseId(prefix + 'Ab'.repeat(32)));
  expect(kinds.map(({ kind }) => kind)).toEqual([
    'community-unblinded',
    'group',
    'account',
    'version-check',
    'community-blinded-15',
    'community-blinded-25',
  ]);
  expect(kinds[1]).toEqual({ id: `03${'ab'.repeat(32)}`, kind: 'group', publicKey: Buffer.alloc(32, 0xab) });
  for (const wrong of [`04${'ab'.repeat(32)}`, '03ab', `__${'ab'.repeat(32)}`]) {
    expect(() => parseId(wrong)).toThrow(WireError);
  }
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => acceptsOrThrows('key', () => parseId(text))));
});

test('account id bytes lead back to the text, and only the exact form is accepted', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const id = accountIdFromX25519(key);
      expect(accountIdToBytes(id)).toEqual(Buffer.from([5, ...key]));
    }),
  );
  expect(() => accountIdToBytes(`05${'AB'.repeat(32)}`)).toThrow(WireError);
  expect(() => accountIdToBytes(`03${'ab'.repeat(32)}`)).toThrow(WireError);
  expect(() => accountIdFromX25519(new Uint8Array(31))).toThrow(WireError);
});

test('keys that are no account are refused', () => {
  const smallOrder = new Uint8Array(32);
  smallOrder[0] = 1;
  expect(accountIdFromEd25519(smallOrder)).toBeNull();
  expect(accountIdFromEd25519(new Uint8Array(31))).toBeNull();
});

test('a wiped account holds no secret, and the seed that the caller gave is left alone', () => {
  const seed = new Uint8Array(16).fill(7);
  const account = deriveAccount(seed);
  wipeAccount(account);
  for (const secret of [account.seed16, account.ed25519.secretKey, account.x25519.secretKey]) {
    expect(secret.every((byte) => byte === 0)).toBe(true);
  }
  expect(seed).toEqual(new Uint8Array(16).fill(7));
});

test('seeds of other lengths are refused', () => {
  for (const length of [0, 15, 17, 32]) {
    expect(() => deriveAccount(new Uint8Array(length))).toThrow(WireError);
    expect(() => seedToPhrase(new Uint8Array(length))).toThrow(WireError);
  }
});

function problemOf(phrase: string): string | undefined {
  try {
    phraseToSeed(phrase);
    return undefined;
  } catch (error) {
    return (error as WireError).detail;
  }
}

function acceptsOrThrows(code: string, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    expect((error as WireError).code).toBe(code);
  }
}
