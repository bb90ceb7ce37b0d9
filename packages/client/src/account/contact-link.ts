import { WireError } from '@sotto/wire';
import { accountIdToBytes } from '@sotto/wire/account';
import { base32zToBytes, bytesToBase32z, bytesToHex, concatBytes, equalBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import { EngineError } from '../engine.ts';
import { CONTACT_TOKEN_BYTES } from './contact-token.ts';

/*
 * sotto:<base32z of: version 01 ‖ account key (32) ‖ network (8) ‖ token (16) ‖ name in UTF-8 ‖ checksum (4)>
 *
 * `network` are the first bytes of the network's id. The checksum is the beginning of BLAKE2b-256 of all before it.
 * Letters may have either case, so that a QR code can take its short form.
 */

const SCHEME = 'sotto:';
const VERSION = 1;
const NETWORK_BYTES = 8;
const CHECKSUM_BYTES = 4;
const FIXED_BYTES = 1 + 32 + NETWORK_BYTES + CONTACT_TOKEN_BYTES;
const LONGEST_NAME_BYTES = 100;

/** What a contact link says. */
export interface ContactLink {
  readonly accountId: string;
  /** The whole id of the network. */
  readonly networkId: Uint8Array;
  readonly token: Uint8Array;
  /** May be empty. */
  readonly name: string;
}

/** The link as text. A name that does not fit into 100 bytes is left out. */
export function contactLink({ accountId, networkId, token, name }: ContactLink): string {
  const nameBytes = utf8ToBytes(name);
  const bytes = concatBytes(
    Uint8Array.of(VERSION),
    accountIdToBytes(accountId).subarray(1),
    networkId.subarray(0, NETWORK_BYTES),
    token,
    nameBytes.length <= LONGEST_NAME_BYTES ? nameBytes : new Uint8Array(),
  );
  return SCHEME + bytesToBase32z(concatBytes(bytes, checksum(bytes)));
}

/** @throws EngineError `bad-link` for anything else than such a link; `bad-network` if it is for another network. */
export function readContactLink(text: string, networkId: Uint8Array): ContactLink {
  const bytes = readBytes(text.trim());
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  const isSound =
    body.length >= FIXED_BYTES &&
    body.length <= FIXED_BYTES + LONGEST_NAME_BYTES &&
    body[0] === VERSION &&
    equalBytes(checksum(body), bytes.subarray(-CHECKSUM_BYTES));
  if (!isSound) throw badLink();
  const network = body.subarray(33, 33 + NETWORK_BYTES);
  if (!equalBytes(network, networkId.subarray(0, NETWORK_BYTES))) {
    throw new EngineError('bad-network', 'the contact link is for another network');
  }
  return {
    accountId: `05${bytesToHex(body.subarray(1, 33))}`,
    networkId,
    token: body.slice(33 + NETWORK_BYTES, FIXED_BYTES),
    name: new TextDecoder().decode(body.subarray(FIXED_BYTES)),
  };
}

function readBytes(text: string): Uint8Array {
  if (text.slice(0, SCHEME.length).toLowerCase() !== SCHEME || text.length > 300) throw badLink();
  try {
    return base32zToBytes(text.slice(SCHEME.length));
  } catch (error) {
    if (error instanceof WireError) throw badLink();
    throw error;
  }
}

function checksum(bytes: Uint8Array): Uint8Array {
  return blake2b(32, bytes).subarray(0, CHECKSUM_BYTES);
}

function badLink(): EngineError {
  return new EngineError('bad-link', 'this is no contact link');
}
