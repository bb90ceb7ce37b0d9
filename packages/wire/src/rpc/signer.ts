import { ed25519Sign, type KeyPair } from '../crypto/index.ts';
import { signAsMember } from '../subaccount/index.ts';
import type { RequestAuth } from './request.ts';

/** Who signs requests on an account's mailbox; holds secrets, so keep it no longer than the keys. */
export interface RequestSigner {
  /** The account on whose mailbox the requests act, 66 lower-case hex digits. */
  readonly accountId: string;
  /** Proof for a request whose signed bytes these are. */
  sign(message: Uint8Array): RequestAuth;
}

/**
 * Signs as the account itself: a Session ID with the Ed25519 pair that belongs to it, a group (03…) with the group's
 * pair (storage-rpc §4.1).
 */
export function accountSigner(accountId: string, ed25519: KeyPair): RequestSigner {
  const ed25519Key = accountId.startsWith('05') ? ed25519.publicKey : null;
  return {
    accountId,
    sign: (message) => ({ signature: ed25519Sign(message, ed25519.secretKey), ed25519Key, subaccount: null }),
  };
}

/**
 * Signs as a member of a group, with the signing value (100 bytes) that an admin made (groups §5).
 * Its `sign` throws WireError `subaccount` if that value is malformed.
 */
export function memberSigner(groupId: string, member: KeyPair, signingValue: Uint8Array): RequestSigner {
  return {
    accountId: groupId,
    sign(message) {
      const { token, tokenSignature, signature } = signAsMember(member, signingValue, message);
      return { signature, ed25519Key: null, subaccount: { token, signature: tokenSignature } };
    },
  };
}
