import { WireError } from '@sotto/wire';
import { phraseToSeed, type RecoveryPhraseProblem } from '@sotto/wire/account';
import { wipe } from '@sotto/wire/bytes';

const PHRASE_WORDS = 13;

/** What is wrong with a recovery phrase, in terms that help to correct it. */
export interface PhraseCheck {
  /** How many words were given. */
  readonly words: number;
  /** Which of them (from 0) are no words of a recovery phrase. */
  readonly unknown: readonly number[];
  readonly problem: 'too-few' | 'too-many' | 'unknown-words' | 'checksum' | null;
}

/** Looks at a phrase while it is being typed; nothing of it is kept (messages §1.2). */
export function checkPhrase(phrase: string): PhraseCheck {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  const unknown = words.flatMap((word, position) => (isPhraseWord(word) ? [] : [position]));
  const problem = problemOf(words.join(' '));
  // Words come first: counting is no help while one of them is misspelt.
  return { words: words.length, unknown, problem: unknown.length > 0 ? 'unknown-words' : problem };
}

/** A word repeated makes a phrase whose checksum fits, so it is refused exactly if the list does not have it. */
function isPhraseWord(word: string): boolean {
  return problemOf(Array<string>(PHRASE_WORDS).fill(word).join(' ')) === null;
}

function problemOf(phrase: string): PhraseCheck['problem'] {
  try {
    wipe(phraseToSeed(phrase));
    return null;
  } catch (error) {
    if (!(error instanceof WireError) || error.detail === undefined) throw error;
    return PROBLEMS[error.detail as RecoveryPhraseProblem];
  }
}

const PROBLEMS: Record<RecoveryPhraseProblem, PhraseCheck['problem']> = {
  NotEnoughWordsError: 'too-few',
  TooManyWordsError: 'too-many',
  InvalidWordsError: 'unknown-words',
  VerificationError: 'checksum',
};
