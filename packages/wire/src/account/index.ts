export { ACCOUNT_SEED_BYTES, type Account, deriveAccount, wipeAccount } from './account.ts';
export {
  accountIdFromEd25519,
  accountIdFromX25519,
  accountIdToBytes,
  type IdKind,
  type ParsedId,
  parseAccountId,
  parseId,
} from './account-id.ts';
export { phraseToSeed, type RecoveryPhraseProblem, seedToPhrase } from './recovery-phrase.ts';
