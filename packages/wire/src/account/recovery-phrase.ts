import { crc32 } from 'node:zlib';
import { wipe } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { ACCOUNT_SEED_BYTES } from './account.ts';
import { ENGLISH_WORDS } from './english-words.ts';

const WORD_COUNT = ENGLISH_WORDS.length;
const PREFIX_LENGTH = 3;
const SEED_WORDS = 12;
const PHRASE_WORDS = SEED_WORDS + 1;
/** More than 13 words of any length need: what is longer is no phrase. */
const MAX_PHRASE_LENGTH = 4096;

const NUMBER_OF_PREFIX = new Map(ENGLISH_WORDS.map((word, number) => [prefixOf(word), number]));

/** Why a recovery phrase was refused: the `detail` of its WireError (messages §1.2). */
export type RecoveryPhraseProblem =
  | 'NotEnoughWordsError'
  | 'TooManyWordsError'
  | 'InvalidWordsError'
  | 'VerificationError';

/**
 * Writes the 16-byte seed of an account as 13 English words, the last one a checksum (messages §1.2).
 * @throws WireError `key` for a seed of another length.
 */
export function seedToPhrase(seed16: Uint8Array): string {
  if (seed16.length !== ACCOUNT_SEED_BYTES) throw new WireError('key', 'an account seed has 16 bytes');
  const view = new DataView(seed16.buffer, seed16.byteOffset, seed16.length);
  const words: string[] = [];
  for (let offset = 0; offset < seed16.length; offset += 4) {
    const value = view.getUint32(offset, true);
    const first = value % WORD_COUNT;
    const second = (Math.floor(value / WORD_COUNT) + first) % WORD_COUNT;
    const third = (Math.floor(value / WORD_COUNT ** 2) + second) % WORD_COUNT;
    words.push(ENGLISH_WORDS[first]!, ENGLISH_WORDS[second]!, ENGLISH_WORDS[third]!);
  }
  return [...words, checksumWord(words)].join(' ');
}

/**
 * Reads a recovery phrase back into the 16-byte seed. Case, extra white space and everything after the third letter of
 * a word do not matter (messages §1.2).
 * @throws WireError `mnemonic`, its `detail` a {@link RecoveryPhraseProblem}.
 */
export function phraseToSeed(phrase: string): Uint8Array {
  if (phrase.length > MAX_PHRASE_LENGTH) throw phraseError('TooManyWordsError');
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length < PHRASE_WORDS) throw phraseError('NotEnoughWordsError');
  if (words.length > PHRASE_WORDS) throw phraseError('TooManyWordsError');
  const seedWords = words.slice(0, SEED_WORDS);
  const numbers = seedWords.map(numberOfWord);
  if (prefixOf(words[SEED_WORDS]!) !== prefixOf(checksumWord(seedWords))) throw phraseError('VerificationError');
  return numbersToSeed(numbers);
}

function numbersToSeed(numbers: readonly number[]): Uint8Array {
  const seed16 = new Uint8Array(ACCOUNT_SEED_BYTES);
  const view = new DataView(seed16.buffer);
  for (let group = 0; group < SEED_WORDS / 3; group++) {
    const [first, second, third] = numbers.slice(3 * group) as [number, number, number];
    const value =
      first +
      WORD_COUNT * ((WORD_COUNT - first + second) % WORD_COUNT) +
      WORD_COUNT ** 2 * ((WORD_COUNT - second + third) % WORD_COUNT);
    // No encoder writes such a triple, and cutting it to 32 bits would give two phrases to one account.
    if (value >= 2 ** 32) {
      wipe(seed16);
      throw phraseError('InvalidWordsError');
    }
    view.setUint32(4 * group, value, true);
  }
  return seed16;
}

function numberOfWord(word: string): number {
  const number = word.length < PREFIX_LENGTH ? undefined : NUMBER_OF_PREFIX.get(prefixOf(word));
  if (number === undefined) throw phraseError('InvalidWordsError');
  return number;
}

/** One of the twelve words, chosen by a CRC-32 of their prefixes. */
function checksumWord(words: readonly string[]): string {
  return words[crc32(words.map(prefixOf).join('')) % SEED_WORDS]!;
}

function prefixOf(word: string): string {
  return word.slice(0, PREFIX_LENGTH);
}

const MESSAGES: Record<RecoveryPhraseProblem, string> = {
  NotEnoughWordsError: 'a recovery phrase has 13 words: there are fewer',
  TooManyWordsError: 'a recovery phrase has 13 words: there are more',
  InvalidWordsError: 'not words of a recovery phrase',
  VerificationError: 'the last word of the recovery phrase does not fit the others',
};

function phraseError(problem: RecoveryPhraseProblem): WireError {
  return new WireError('mnemonic', MESSAGES[problem], problem);
}
