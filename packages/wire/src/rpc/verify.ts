import { ed25519Verify } from '../crypto/index.ts';
import { DELETE, READ, tokenAllows, tokenKey, WRITE } from '../subaccount/index.ts';
import { RpcFailure } from './failure.ts';
import { belongsTo } from './key-conversion.ts';
import type { RequestAuth } from './request.ts';

export { DELETE, READ, WRITE };

/** What the checks of a request need to know beside the request. */
export interface CheckContext {
  /** Clock of the node, ms. */
  readonly now: number;
  /** Whether another member of the swarm sent the request on; times are then checked a little more loosely. */
  readonly forwarded: boolean;
  /** Whether the account of the request has revoked this subaccount (36 bytes). */
  isRevoked(token: Uint8Array): boolean;
}

interface Signed {
  readonly account: Uint8Array;
  readonly auth: RequestAuth;
}

/** What a subaccount must be allowed to do, and whether a revoked one passes; plain accounts may do anything. */
interface SubaccountRule {
  readonly flags: number;
  readonly revokedToo?: boolean;
}

/**
 * Whether the signature of a request is right (storage-rpc §4.1): by the account, or by a subaccount that has the
 * needed flags, is not revoked, and carries the account's signature. All failures look alike.
 */
export function isAuthentic(
  { account, auth }: Signed,
  signed: Uint8Array,
  context: CheckContext,
  rule: SubaccountRule | null,
): boolean {
  const { ed25519Key, signature, subaccount } = auth;
  const key = account.subarray(1);
  const signer = ed25519Key ?? key;
  const isSigned =
    subaccount === null
      ? ed25519Verify(signed, signature, signer)
      : rule !== null &&
        (rule.revokedToo === true || !context.isRevoked(subaccount.token)) &&
        tokenAllows(subaccount.token, account[0]!, rule.flags) &&
        ed25519Verify(subaccount.token, subaccount.signature, signer) &&
        ed25519Verify(signed, signature, tokenKey(subaccount.token));
  return isSigned && (ed25519Key === null || belongsTo(ed25519Key, key));
}

/** The refusal of a signature; `what` is the method's name for it. */
export function signatureFailure(what: string): RpcFailure {
  return new RpcFailure(401, `${what} signature verification failed`);
}
