import { seedToPhrase } from '@sotto/wire/account';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPhrase } from './phrase-check.ts';

const PHRASE = 'amaze buffet cake entrance symptoms tiger lamb maze nestle python dusted faxed faxed';

test.each([
  ['the phrase itself', PHRASE, 13, [], null],
  ['upper case and white space', `  ${PHRASE.toUpperCase().replaceAll(' ', ' \n\t')} `, 13, [], null],
  ['two unknown words', PHRASE.replace('buffet', 'buufet').replace('tiger', 'xx'), 13, [5], 'unknown-words'],
  ['an unknown last word', PHRASE.replace(/faxed$/, 'qqqqq'), 13, [12], 'unknown-words'],
  ['a missing word', PHRASE.replace('cake ', ''), 12, [], 'too-few'],
  ['nothing', '  ', 0, [], 'too-few'],
  ['a word too many', `${PHRASE} amaze`, 14, [], 'too-many'],
  ['another order', PHRASE.split(' ').reverse().join(' '), 13, [], 'checksum'],
])('%s', (_name, phrase, words, unknown, problem) => {
  // Words are known by three letters, so `buufet` is none but `bufet` would be one.
  const expected = phrase.includes('buufet') ? [1, ...unknown] : unknown;
  expect(checkPhrase(phrase)).toEqual({ words, unknown: expected, problem });
});

test('any text gets an answer, and any real phrase a good one', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const check = checkPhrase(text);
      expect(check.unknown.every((position) => position < check.words)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (seed) => {
      expect(checkPhrase(seedToPhrase(seed)).problem).toBeNull();
    }),
  );
});
