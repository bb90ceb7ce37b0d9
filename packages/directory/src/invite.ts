import { concatBytes, type Random, utf8ToBytes } from '@sotto/wire/bytes';
import { ed25519Sign, ed25519Verify, type KeyPair } from '@sotto/wire/crypto';
import { DirectoryError } from './errors.ts';

const CONTEXT = utf8ToBytes('sotto-invite-v1');
const VERSION = 1;
const KEY_PREFIX_BYTES = 4;
const ID_BYTES = 16;
const TIME_BYTES = 6;
const SIGNED_BYTES = 1 + KEY_PREFIX_BYTES + ID_BYTES + TIME_BYTES;
const INVITE_BYTES = SIGNED_BYTES + 64;

/** A code that lets one node in (docs/protocol/directory.md §8.2). */
export interface Invite {
  /** 16 random bytes that name it. */
  readonly id: Uint8Array;
  /** Until when it may be used first, ms since 1970. */
  readonly expiry: number;
}

/** Makes a one-use code and signs it with an authority's key; 91 bytes, written as text by {@link inviteText}. */
export function createInvite(networkId: Uint8Array, authority: KeyPair, expiry: number, random: Random): Uint8Array {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(expiry));
  const signed = concatBytes(
    Uint8Array.of(VERSION),
    authority.publicKey.subarray(0, KEY_PREFIX_BYTES),
    random(ID_BYTES),
    time.subarray(8 - TIME_BYTES),
  );
  return concatBytes(signed, ed25519Sign(signedMessage(networkId, signed), authority.secretKey));
}

/**
 * Reads a code and verifies that one of these authorities (32-byte keys) made it for this network.
 * @throws DirectoryError `invite`.
 */
export function verifyInvite(bytes: Uint8Array, networkId: Uint8Array, authorities: readonly Uint8Array[]): Invite {
  if (bytes.length !== INVITE_BYTES || bytes[0] !== VERSION) throw refused('this is not an invite code');
  const signed = bytes.subarray(0, SIGNED_BYTES);
  const prefix = signed.subarray(1, 1 + KEY_PREFIX_BYTES);
  const message = signedMessage(networkId, signed);
  const isValid = authorities.some(
    (key) =>
      Buffer.compare(key.subarray(0, KEY_PREFIX_BYTES), prefix) === 0 &&
      ed25519Verify(message, bytes.subarray(SIGNED_BYTES), key),
  );
  if (!isValid) throw refused('the invite code is not signed by an authority of this network');
  const id = new Uint8Array(signed.subarray(1 + KEY_PREFIX_BYTES, 1 + KEY_PREFIX_BYTES + ID_BYTES));
  return { id, expiry: Buffer.from(signed).readUIntBE(SIGNED_BYTES - TIME_BYTES, TIME_BYTES) };
}

/** A code as people pass it on: 122 characters of base64url. */
export function inviteText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** Reads {@link inviteText}, spaces and line ends around it included. @throws DirectoryError `invite` for another text. */
export function inviteBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text.trim(), 'base64url'));
  if (bytes.length !== INVITE_BYTES || inviteText(bytes) !== text.trim()) throw refused('this is not an invite code');
  return bytes;
}

function signedMessage(networkId: Uint8Array, signed: Uint8Array): Uint8Array {
  return concatBytes(CONTEXT, networkId, signed);
}

function refused(why: string): DirectoryError {
  return new DirectoryError('invite', why);
}
