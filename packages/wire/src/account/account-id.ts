import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { ed25519PublicToX25519 } from '../crypto/index.ts';
import { WireError } from '../errors.ts';

const ACCOUNT_ID = /^05[0-9a-f]{64}$/;
const PREFIXED_ID = /^(?<prefix>[0-9a-f]{2})(?<publicKey>[0-9a-f]{64})$/;
/** Longer input is refused before anything else looks at it. */
const MAX_INPUT_LENGTH = 1000;

const ID_KINDS = {
  '00': 'community-unblinded',
  '03': 'group',
  '05': 'account',
  '07': 'version-check',
  '15': 'community-blinded-15',
  '25': 'community-blinded-25',
} as const;

/** What the two prefix characters of an id say it is (messages §1.1). */
export type IdKind = (typeof ID_KINDS)[keyof typeof ID_KINDS];

/** An id taken apart. */
export interface ParsedId {
  /** The whole id, 66 lower-case hex characters. */
  readonly id: string;
  readonly kind: IdKind;
  /** The 32 bytes after the prefix: X25519 for an account, Ed25519 otherwise. */
  readonly publicKey: Uint8Array;
}

/**
 * The account id in a user's input: white space around it is dropped and hex of either case accepted (messages §1.1).
 * @returns 66 lower-case hex characters.
 * @throws WireError `key` for anything else, which may still be an ONS name.
 */
export function parseAccountId(text: string): string {
  const id = normalized(text);
  if (!ACCOUNT_ID.test(id)) throw new WireError('key', 'not an account id');
  return id;
}

/**
 * Any id of the protocol, whatever its prefix; white space around it is dropped and hex of either case accepted.
 * @throws WireError `key` for another length, other characters or a prefix that the protocol does not have.
 */
export function parseId(text: string): ParsedId {
  const id = normalized(text);
  const { prefix, publicKey } = PREFIXED_ID.exec(id)?.groups ?? {};
  if (!prefix || !publicKey || !isKnownPrefix(prefix)) throw new WireError('key', 'not an id');
  return { id, kind: ID_KINDS[prefix], publicKey: hexToBytes(publicKey) };
}

/** The 33 bytes of an account id, prefix included. @throws WireError `key` if it is not 66 lower-case hex with `05`. */
export function accountIdToBytes(accountId: string): Uint8Array {
  if (!ACCOUNT_ID.test(accountId)) throw new WireError('key', 'not an account id');
  return hexToBytes(accountId);
}

/** The account id of a 32-byte X25519 public key. @throws WireError `key` for another length. */
export function accountIdFromX25519(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new WireError('key', 'an X25519 public key has 32 bytes');
  return `05${bytesToHex(publicKey)}`;
}

/**
 * The account id of an Ed25519 public key (messages §1.1 step 5).
 * `null` if it has no X25519 counterpart: another length, not a point, small order, or outside the main subgroup.
 */
export function accountIdFromEd25519(publicKey: Uint8Array): string | null {
  const converted = ed25519PublicToX25519(publicKey);
  return converted && accountIdFromX25519(converted);
}

function normalized(text: string): string {
  return text.length > MAX_INPUT_LENGTH ? '' : text.trim().toLowerCase();
}

function isKnownPrefix(prefix: string): prefix is keyof typeof ID_KINDS {
  return Object.hasOwn(ID_KINDS, prefix);
}
