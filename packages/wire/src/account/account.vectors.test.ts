import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { ENGLISH_WORDS } from './english-words.ts';
import { accountIdFromEd25519, deriveAccount, phraseToSeed, seedToPhrase } from './index.ts';

type Verdict = { readonly seed16: string } | { readonly error: string };
type Case =
  | {
      readonly kind: 'account';
      readonly seed16: string;
      readonly mnemonic: string;
      readonly ed25519_pk: string;
      readonly ed25519_sk: string;
      readonly x25519_pk: string;
      readonly x25519_sk: string;
      readonly account_id: string;
    }
  | {
      readonly kind: 'mnemonic_decode';
      readonly name: string;
      readonly mnemonic: string;
      readonly expected: Verdict;
      readonly required?: Verdict;
    };

const vectors = loadVectors<{
  readonly wordlist_sha256_of_words_joined_by_newline: string;
  readonly wordlist_english: string;
  readonly cases: readonly Case[];
}>('account');

test('the word list is the one that all clients use', () => {
  expect(ENGLISH_WORDS.join(' ')).toBe(vectors.wordlist_english);
  const digest = createHash('sha256').update(ENGLISH_WORDS.join('\n')).digest('hex');
  expect(digest).toBe(vectors.wordlist_sha256_of_words_joined_by_newline);
});

for (const vector of vectors.cases) test(titleOf(vector), () => check(vector));

function check(vector: Case): void {
  switch (vector.kind) {
    case 'account':
      checkDerivation(vector);
      break;
    case 'mnemonic_decode': {
      const asked = vector.required ?? vector.expected;
      expect(decodePhrase(vector.mnemonic, asked)).toEqual(asked);
      break;
    }
    default:
      throw new Error(`unknown kind of case: ${(vector as { kind: string }).kind}`);
  }
}

function checkDerivation(vector: Case & { kind: 'account' }): void {
  const account = deriveAccount(hexToBytes(vector.seed16));
  expect({
    seed16: bytesToHex(account.seed16),
    ed25519_pk: bytesToHex(account.ed25519.publicKey),
    ed25519_sk: bytesToHex(account.ed25519.secretKey),
    x25519_pk: bytesToHex(account.x25519.publicKey),
    x25519_sk: bytesToHex(account.x25519.secretKey),
    account_id: account.accountId,
  }).toEqual({
    seed16: vector.seed16,
    ed25519_pk: vector.ed25519_pk,
    ed25519_sk: vector.ed25519_sk,
    x25519_pk: vector.x25519_pk,
    x25519_sk: vector.x25519_sk,
    account_id: vector.account_id,
  });
  expect(accountIdFromEd25519(account.ed25519.publicKey)).toBe(vector.account_id);
  expect(seedToPhrase(account.seed16)).toBe(vector.mnemonic);
  expect(bytesToHex(phraseToSeed(vector.mnemonic))).toBe(vector.seed16);
}

/** Our verdict in the words of the case; a case that asks for `any` error gets it for any. */
function decodePhrase(phrase: string, asked: Verdict): Verdict {
  try {
    return { seed16: bytesToHex(phraseToSeed(phrase)) };
  } catch (error) {
    if (!(error instanceof WireError) || error.code !== 'mnemonic') throw error;
    return { error: 'error' in asked && asked.error === 'any' ? 'any' : (error.detail ?? '') };
  }
}

function titleOf(vector: Case): string {
  return vector.kind === 'account' ? `account ${vector.seed16}` : `${vector.kind} ${vector.name}`;
}
