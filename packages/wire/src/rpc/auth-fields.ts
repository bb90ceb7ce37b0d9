import { base64ToBytes, hexToBytes } from '../bytes/index.ts';
import { TOKEN_SIZE } from '../subaccount/index.ts';
import { asText, isHex } from './account-field.ts';
import { invalidRequest } from './failure.ts';
import { missing } from './fields.ts';
import { type Kind, type Text, text } from './kinds.ts';
import type { RequestAuth } from './request.ts';

/** The parameters that authenticate a request of the account itself (storage-rpc §8, A). */
export interface AccountAuthFields {
  readonly pubkey: Text;
  readonly pubkey_ed25519: Text;
  readonly signature: Text;
}

/** The same with those of a subaccount (storage-rpc §8, A+S). */
export interface AuthFields extends AccountAuthFields {
  readonly subaccount: Text;
  readonly subaccount_sig: Text;
}

export const accountAuthKinds: { readonly [Name in keyof AccountAuthFields]: Kind<Text> } = {
  pubkey: text,
  pubkey_ed25519: text,
  signature: text,
};

export const authKinds: { readonly [Name in keyof AuthFields]: Kind<Text> } = {
  ...accountAuthKinds,
  subaccount: text,
  subaccount_sig: text,
};

type GivenAuth = {
  readonly [Name in keyof AuthFields]?: Text | undefined;
};

const SESSION_ID_PREFIX = 0x05;
const SIGNATURE_SIZE = 64;

/**
 * Reads the parameters of an authenticated request in their order: signature missing, pubkey_ed25519, form of the
 * signature, subaccount (storage-rpc §3.3, §8). Strings are base64 or hex, bytes are raw.
 * @throws RpcFailure 400.
 */
export function readAuth(given: GivenAuth, account: Uint8Array): RequestAuth {
  if (given.signature === undefined) missing('signature');
  const ed25519Key = given.pubkey_ed25519 === undefined ? null : readEd25519Key(given.pubkey_ed25519, account);
  const signature = readSignature(given.signature, 'signature');
  return { signature, ed25519Key, subaccount: readSubaccount(given) };
}

/** 36 bytes from base64 (48 characters) or hex (72), or raw; `null` if it is neither. */
export function readToken(value: Text): Uint8Array | null {
  if (typeof value !== 'string') return value.length === TOKEN_SIZE ? value : null;
  if (value.length === 2 * TOKEN_SIZE) return isHex(value) ? hexToBytes(value) : null;
  return value.length === 48 ? base64OrNull(value) : null;
}

/** The bytes of a base64 text, or `null` if it is not base64. */
export function base64OrNull(value: string): Uint8Array | null {
  try {
    return base64ToBytes(value);
  } catch {
    return null;
  }
}

function readEd25519Key(value: Text, account: Uint8Array): Uint8Array {
  const key = typeof value !== 'string' && value.length === 32 ? value : readHexKey(asText(value));
  if (account[0] === SESSION_ID_PREFIX) return key;
  throw invalidRequest('pubkey_ed25519 is only permitted for 05[...] pubkeys');
}

function readHexKey(digits: string): Uint8Array {
  if (digits.length !== 64) throw invalidRequest('Invalid pubkey_ed25519: expected 64 hex char or 32 byte pubkey');
  if (!isHex(digits)) throw invalidRequest('invalid pubkey_ed25519: value is not hex');
  return hexToBytes(digits);
}

function readSignature(value: Text, name: string): Uint8Array {
  if (typeof value !== 'string') {
    if (value.length === SIGNATURE_SIZE) return value;
    throw invalidRequest(`invalid ${name}: expected 64-byte Ed25519 signature`);
  }
  const bytes = value.length === 86 || value.length === 88 ? base64OrNull(value) : null;
  if (bytes?.length === SIGNATURE_SIZE) return bytes;
  throw invalidRequest(`invalid ${name}: expected base64 encoded Ed25519 signature`);
}

function readSubaccount({ subaccount, subaccount_sig }: GivenAuth): RequestAuth['subaccount'] {
  if (subaccount === undefined || subaccount.length === 0) return null;
  const token = readToken(subaccount);
  if (token === null) {
    throw invalidRequest(
      typeof subaccount === 'string'
        ? 'invalid subaccount: expected base64 or hex-encoded subaccount token'
        : 'invalid subaccount token: invalid token length',
    );
  }
  if (subaccount_sig === undefined) {
    throw invalidRequest('invalid subaccount: subaccount_sig is required when using subaccount');
  }
  return { token, signature: readSignature(subaccount_sig, 'subaccount signature') };
}
