import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { invalidRequest } from './failure.ts';
import { missing } from './fields.ts';
import type { Text } from './kinds.ts';

/** An account in both notations: 33 bytes, and 66 lower-case hex digits. */
export interface AccountField {
  readonly account: Uint8Array;
  readonly accountId: string;
}

const HEX = /^[0-9a-fA-F]*$/;
const ACCOUNT_ID = /^[0-9a-f]{66}$/;
const MALFORMED = 'Pubkey must be 66 hex digits (33 bytes) long';

/**
 * Reads `pubkey`: 66 hex digits of any case, or 33 bytes; any prefix (storage-rpc §3.2).
 * @throws RpcFailure 400 if it is missing or malformed; `malformed` is the text for that.
 */
export function readAccount(value: Text | undefined, malformed = MALFORMED): AccountField {
  if (value === undefined) missing('pubkey');
  if (typeof value !== 'string' && value.length === 33) return { account: value, accountId: bytesToHex(value) };
  const digits = asText(value);
  if (digits.length !== 66 || !HEX.test(digits)) throw invalidRequest(malformed);
  return { account: hexToBytes(digits), accountId: digits.toLowerCase() };
}

/** Both notations of an account that the caller names. @throws WireError `key` if it is not 66 lower-case hex digits. */
export function accountOf(accountId: string): AccountField {
  if (!ACCOUNT_ID.test(accountId)) throw new WireError('key', 'an account id has 66 lower-case hex digits');
  return { accountId, account: hexToBytes(accountId) };
}

/** Like {@link readAccount} for the methods that know `pubKey` as another name. */
export function readAliasedAccount(
  given: { readonly pubkey: Text | undefined; readonly pubKey: Text | undefined },
  malformed?: string,
): AccountField {
  if (given.pubkey !== undefined && given.pubKey !== undefined) {
    throw invalidRequest("Cannot specify both 'pubkey' and 'pubKey'");
  }
  return readAccount(given.pubkey ?? given.pubKey, malformed);
}

/** Whether all of a text is hex of either case. */
export function isHex(text: string): boolean {
  return HEX.test(text);
}

/** A string parameter as text, also when it came as bytes. */
export function asText(value: Text): string {
  return typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
}
