import { WireError } from '@sotto/wire';
import { ACCOUNT_SEED_BYTES, type Account, deriveAccount, phraseToSeed, seedToPhrase } from '@sotto/wire/account';
import { type Random, utf8ToBytes, wipe } from '@sotto/wire/bytes';
import { EngineError } from '../engine.ts';

/** The most bytes of UTF-8 that a display name may have (messages §5.6). */
const MAXIMUM_NAME_BYTES = 100;

/** A new account from fresh entropy (messages §1.3). Wipe it with `wipeAccount`. */
export function newAccount(random: Random): Account {
  const seed16 = random(ACCOUNT_SEED_BYTES);
  const account = deriveAccount(seed16);
  wipe(seed16);
  return account;
}

/** The account of a recovery phrase. @throws EngineError `bad-phrase` */
export function accountOfPhrase(phrase: string): Account {
  let seed16: Uint8Array;
  try {
    seed16 = phraseToSeed(phrase);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new EngineError('bad-phrase', `the recovery phrase is not valid (${error.detail ?? error.code})`);
  }
  const account = deriveAccount(seed16);
  wipe(seed16);
  return account;
}

/** The 13 words of an account. */
export function phraseOfAccount(account: Account): string {
  return seedToPhrase(account.seed16);
}

/** A display name without white space around it. @throws EngineError `bad-name` if it is empty or too long. */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw new EngineError('bad-name', 'a name must not be empty');
  if (utf8ToBytes(trimmed).length > MAXIMUM_NAME_BYTES) {
    throw new EngineError('bad-name', `a name has at most ${MAXIMUM_NAME_BYTES} bytes`);
  }
  return trimmed;
}
