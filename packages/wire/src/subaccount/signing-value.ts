import { concatBytes, hexToBytes, utf8ToBytes, wipe } from '../bytes/index.ts';
import {
  blake2b,
  ed25519KeyPair,
  ed25519SecretToX25519,
  ed25519Sign,
  ed25519Verify,
  type KeyPair,
  sha512,
} from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import {
  addScalars,
  edwardsOfMontgomery,
  multiplyBase,
  multiplyPoint,
  multiplyScalars,
  negateScalar,
  reduceScalar,
} from './scalar.ts';
import { ANY_PREFIX, READ, TOKEN_HEAD_SIZE, TOKEN_SIZE, tokenFlags } from './token.ts';

const GROUP_PREFIX = 0x03;
/** Token head ‖ blinding scalar ‖ the group's signature of the token. */
const SIGNING_VALUE_SIZE = 100;
const SCALAR_END = TOKEN_HEAD_SIZE + 32;
const SESSION_ID = /^05[0-9a-f]{64}$/;
const GROUP_ID = /^03[0-9a-f]{64}$/;

/** What an admin makes for a member (groups §5). */
export interface MemberAccess {
  /** 36 bytes; what is revoked when the member goes. */
  readonly token: Uint8Array;
  /** 100 bytes, secret of the member, who signs with it. */
  readonly signingValue: Uint8Array;
}

/** What proves one request of a member to a node (storage-rpc §4.1). */
export interface MemberSignature {
  readonly token: Uint8Array;
  /** The group's signature of the token, 64 bytes. */
  readonly tokenSignature: Uint8Array;
  /** The member's signature of the request, 64 bytes. */
  readonly signature: Uint8Array;
}

/**
 * Gives a member access to a group's mailbox; the same seed, member and flags always give the same token (groups §5).
 * `groupSeed` has 32 bytes, `sessionId` is the member's account id (05…).
 * @throws WireError `subaccount` if the id is none or its key is no point; `key` for a seed of another length.
 */
export function makeMemberAccess(groupSeed: Uint8Array, sessionId: string, flags: number): MemberAccess {
  if (!SESSION_ID.test(sessionId)) throw new WireError('subaccount', 'a member has a Session ID');
  const member = hexToBytes(sessionId);
  const group = ed25519KeyPair(groupSeed);
  const mask = keyedHash(32, 'SessionGroupSubaccountMask', groupSeed);
  const blinding = reduceScalar(
    blake2b(64, concatBytes(member, Uint8Array.of(GROUP_PREFIX), group.publicKey), { key: mask }),
  );
  const key = multiplyPoint(blinding, edwardsOfMontgomery(member.subarray(1)));
  if (key === null) throw new WireError('subaccount', 'the key of the member is no point of the curve');
  const head = Uint8Array.of(GROUP_PREFIX, flags, 0, 0);
  const token = concatBytes(head, key);
  const signingValue = concatBytes(head, blinding, ed25519Sign(token, group.secretKey));
  wipe(mask, blinding, group.secretKey);
  return { token, signingValue };
}

/**
 * Whether a signing value that came with an invitation was made by this group for this member, may read, and has the
 * needed flags too (groups §5). Anything malformed gives `false`.
 */
export function isSigningValueValid(
  groupId: string,
  member: KeyPair,
  signingValue: Uint8Array,
  neededFlags: number,
): boolean {
  if (!GROUP_ID.test(groupId) || signingValue.length !== SIGNING_VALUE_SIZE) return false;
  const flags = tokenFlags(signingValue);
  if (signingValue[0] !== GROUP_PREFIX && (flags & ANY_PREFIX) === 0) return false;
  const needed = neededFlags | READ;
  if ((flags & needed) !== needed) return false;
  const token = tokenOf(member, signingValue);
  return token !== null && ed25519Verify(token, signingValue.subarray(SCALAR_END), hexToBytes(groupId).subarray(1));
}

/**
 * Signs a request as a member of a group: an ordinary Ed25519 signature under the blinded key of the token (groups §5).
 * @throws WireError `subaccount` if the signing value does not have 100 bytes or its scalar is 0.
 */
export function signAsMember(member: KeyPair, signingValue: Uint8Array, message: Uint8Array): MemberSignature {
  const token = signingValue.length === SIGNING_VALUE_SIZE ? tokenOf(member, signingValue) : null;
  if (token === null) throw new WireError('subaccount', 'not a signing value');
  const key = token.subarray(TOKEN_HEAD_SIZE, TOKEN_SIZE);
  const secret = memberScalar(member);
  const blindedSecret = multiplyScalars(signingValue.subarray(TOKEN_HEAD_SIZE, SCALAR_END), secret);
  const nonceKey = keyedHash(32, 'SubaccountSeed', member.secretKey.subarray(0, 32));
  const wideNonce = keyedHash(64, 'SubaccountSig', concatBytes(nonceKey, key, message));
  const nonce = reduceScalar(wideNonce);
  const commitment = multiplyBase(nonce);
  const challenge = reduceScalar(sha512(concatBytes(commitment, key, message)));
  const product = multiplyScalars(challenge, blindedSecret);
  const signature = concatBytes(commitment, addScalars(nonce, product));
  wipe(secret, blindedSecret, nonceKey, wideNonce, nonce, product);
  return { token, tokenSignature: signingValue.slice(SCALAR_END), signature };
}

/** The token of a signing value in a member's hands: its head and the member's blinded key. */
function tokenOf(member: KeyPair, signingValue: Uint8Array): Uint8Array | null {
  const point = member.publicKey.slice();
  point[31]! &= 0x7f;
  const key = multiplyPoint(signingValue.subarray(TOKEN_HEAD_SIZE, SCALAR_END), point);
  return key === null ? null : concatBytes(signingValue.subarray(0, TOKEN_HEAD_SIZE), key);
}

/** The secret scalar that belongs to the member's key with sign bit 0. */
function memberScalar(member: KeyPair): Uint8Array {
  const scalar = ed25519SecretToX25519(member.secretKey);
  if ((member.publicKey[31]! & 0x80) === 0) return scalar;
  const negated = negateScalar(scalar);
  wipe(scalar);
  return negated;
}

/** BLAKE2b with a text as its key. */
function keyedHash(size: number, key: string, message: Uint8Array): Uint8Array {
  return blake2b(size, message, { key: utf8ToBytes(key) });
}
