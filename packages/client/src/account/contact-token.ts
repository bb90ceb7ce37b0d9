import { concatBytes, equalBytes, type Random, utf8ToBytes, wipe } from '@sotto/wire/bytes';
import { blake2b, type KeyPair } from '@sotto/wire/crypto';

/*
 * expiry in seconds since 1970 (4, big endian) ‖ random (4) ‖ tag (8)
 *
 * The tag is a keyed BLAKE2b-64 of what is before it; its key is derived from the account's secret. So every device of
 * an account knows a token that another one of them made, without being told.
 */

/** Bytes of a one-time token. */
export const CONTACT_TOKEN_BYTES = 16;

const TAG_BYTES = 8;
const RANDOM_BYTES = 4;
const LAST_SECOND = 0xffff_ffff;
const DOMAIN = utf8ToBytes('SottoContactLink');

/** Makes a token that is good until a time, ms. */
export function makeContactToken(
  account: { readonly ed25519: KeyPair },
  expiresAt: number,
  random: Random,
): Uint8Array {
  const head = new Uint8Array(CONTACT_TOKEN_BYTES - TAG_BYTES);
  new DataView(head.buffer).setUint32(0, Math.min(Math.ceil(expiresAt / 1000), LAST_SECOND));
  head.set(random(RANDOM_BYTES), 4);
  return concatBytes(head, tagOf(head, account));
}

/** When a token of this account expires, ms; `null` for what is none. */
export function contactTokenExpiry(account: { readonly ed25519: KeyPair }, token: Uint8Array): number | null {
  if (token.length !== CONTACT_TOKEN_BYTES) return null;
  const head = token.slice(0, -TAG_BYTES);
  if (!equalBytes(tagOf(head, account), token.subarray(-TAG_BYTES))) return null;
  return new DataView(head.buffer).getUint32(0) * 1000;
}

function tagOf(head: Uint8Array, { ed25519 }: { readonly ed25519: KeyPair }): Uint8Array {
  const key = blake2b(32, DOMAIN, { key: ed25519.secretKey.subarray(0, 32) });
  const tag = blake2b(TAG_BYTES, head, { key });
  wipe(key);
  return tag;
}
