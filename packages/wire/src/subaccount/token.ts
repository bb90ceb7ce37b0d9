/** Rights of a subaccount, bits of the token's second byte (storage-rpc §4.4). */
export const READ = 1;
export const WRITE = 2;
export const DELETE = 4;
/** The token also works for accounts with the same key and another prefix. */
export const ANY_PREFIX = 8;

/** Size of a token: prefix, flags, two reserved bytes, Ed25519 key. */
export const TOKEN_SIZE = 36;
export const TOKEN_HEAD_SIZE = 4;

/** The flags of a token or signing value. */
export function tokenFlags(token: Uint8Array): number {
  return token[1]!;
}

/** The Ed25519 key of a token, 32 bytes; a view. */
export function tokenKey(token: Uint8Array): Uint8Array {
  return token.subarray(TOKEN_HEAD_SIZE, TOKEN_SIZE);
}

/**
 * Whether a token (36 bytes) is for accounts with this prefix and has all the needed flags (storage-rpc §4.1). Its
 * signature is not looked at.
 */
export function tokenAllows(token: Uint8Array, accountPrefix: number, neededFlags: number): boolean {
  const flags = tokenFlags(token);
  return (token[0] === accountPrefix || (flags & ANY_PREFIX) !== 0) && (flags & neededFlags) === neededFlags;
}
