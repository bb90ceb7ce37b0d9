import { wipe } from '../bytes/index.ts';
import { ed25519KeyPair, ed25519SecretToX25519, type KeyPair, x25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { accountIdFromX25519 } from './account-id.ts';

/** Bytes of the entropy from which an account is derived. */
export const ACCOUNT_SEED_BYTES = 16;

/** All keys of an account. `ed25519.secretKey` has 64 bytes (seed ‖ public), `x25519.secretKey` 32. */
export interface Account {
  /** 66 lower-case hex characters: `05` ‖ X25519 public key. */
  readonly accountId: string;
  readonly ed25519: KeyPair;
  readonly x25519: KeyPair;
  /** The 16 bytes that the recovery phrase writes down. */
  readonly seed16: Uint8Array;
}

/**
 * Derives the keys and the id of an account from 16 random bytes (messages §1.1). The seed is copied: the caller wipes
 * its own, and {@link wipeAccount} the account's.
 * @throws WireError `key` for a seed of another length.
 */
export function deriveAccount(seed16: Uint8Array): Account {
  if (seed16.length !== ACCOUNT_SEED_BYTES) throw new WireError('key', 'an account seed has 16 bytes');
  const seed32 = new Uint8Array(32);
  seed32.set(seed16);
  const ed25519 = ed25519KeyPair(seed32);
  wipe(seed32);
  const x25519 = x25519KeyPair(ed25519SecretToX25519(ed25519.secretKey));
  return { accountId: accountIdFromX25519(x25519.publicKey), ed25519, x25519, seed16: new Uint8Array(seed16) };
}

/** Overwrites the secrets of an account that is no longer needed. */
export function wipeAccount(account: Account): void {
  wipe(account.seed16, account.ed25519.secretKey, account.x25519.secretKey);
}
