import { encodeBt } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519PublicToX25519, ed25519Sign, type KeyPair } from '@sotto/wire/crypto';
import { monitorSignedBytes } from '@sotto/wire/rpc';

/** What a test subscribes to. */
export interface TestRegistration {
  readonly namespaces?: readonly number[];
  readonly withData?: boolean;
  /** Session ID (`P`) or another kind of account (`p`, prefix 03). */
  readonly kind?: 'P' | 'p';
  /** Unix ms. */
  readonly now?: number;
}

/** The account of a key pair, in hex: a Session ID, or with prefix 03 the key itself. */
export function accountIdOf({ publicKey }: KeyPair, kind: 'P' | 'p' = 'P'): string {
  return kind === 'p' ? `03${bytesToHex(publicKey)}` : `05${bytesToHex(ed25519PublicToX25519(publicKey)!)}`;
}

/** A signed dict of `monitor.messages` (storage-rpc §10). */
export function registration(key: KeyPair, options: TestRegistration = {}): Uint8Array {
  const { namespaces = [0], withData = false, kind = 'P', now = Date.now() } = options;
  const t = Math.floor(now / 1000);
  const accountId = accountIdOf(key, kind);
  const s = ed25519Sign(monitorSignedBytes({ accountId, namespaces, withData }, t), key.secretKey);
  const account = kind === 'P' ? { P: key.publicKey } : { p: Buffer.from(accountId, 'hex') };
  return encodeBt({ ...account, d: withData ? 1 : undefined, n: namespaces, s, t });
}

/** A list of registrations. */
export function registrationList(...registrations: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from('l'), ...registrations, Buffer.from('e')]);
}
