import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
import { blake2b, secretBoxOpen, xchachaOpen } from '../crypto/index.ts';
import { WireError } from '../errors.ts';

/** What the chain keeps for a name. */
export interface OnsValue {
  readonly encryptedValue: Uint8Array;
  /** `null`: the value has the old form. */
  readonly nonce: Uint8Array | null;
}

/** What a node answers to `ons_resolve` where there is no chain that could have names. */
export const NO_NAMES_TEXT = 'Names (ONS) are not available on this network';

const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/;
const MAXIMUM_NAME = 255;
const MAXIMUM_VALUE_BYTES = 255;
const TAG_BYTES = 16;
const NONCE_BYTES = 24;
const ACCOUNT_BYTES = 33;
const HASH_BYTES = 32;

/** The name that a person means by a text, in lower case; `null` if it can be no name (messages §11). */
export function readOnsName(text: string): string | null {
  const name = text.trim();
  return name.length <= MAXIMUM_NAME && NAME.test(name) ? name.toLowerCase() : null;
}

/** What nodes are asked for, 32 bytes; `name` is in lower case (messages §11). */
export function onsNameHash(name: string): Uint8Array {
  return blake2b(HASH_BYTES, utf8ToBytes(name));
}

/**
 * Reads the result of `ons_resolve`; `null` if the name is not registered (messages §11).
 * @throws WireError `ons` if it is malformed.
 */
export function readOnsReply(result: unknown): OnsValue | null {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) throw malformed();
  const { encrypted_value: value, nonce } = result as Record<string, unknown>;
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > 2 * MAXIMUM_VALUE_BYTES) throw malformed();
  if (nonce !== undefined && nonce !== null && (typeof nonce !== 'string' || nonce.length > 2 * MAXIMUM_VALUE_BYTES)) {
    throw malformed();
  }
  try {
    return { encryptedValue: hexToBytes(value), nonce: nonce ? hexToBytes(nonce as string) : null };
  } catch {
    throw malformed();
  }
}

/**
 * Opens what the chain keeps for a name, and gives the account id in hex. A value of the old form takes half a second of
 * another thread and 256 MiB for as long. `name` is in lower case (messages §11).
 * @throws WireError `ons` if it does not belong to this name or is malformed.
 */
export async function openOnsValue(name: string, { encryptedValue, nonce }: OnsValue): Promise<string> {
  if (encryptedValue.length < TAG_BYTES) {
    throw new WireError('ons', 'Invalid ciphertext: expected to be greater than 16 bytes');
  }
  if (nonce !== null && nonce.length !== NONCE_BYTES) {
    throw new WireError('ons', 'Invalid nonce: expected to be 24 bytes');
  }
  const account = nonce === null ? await openOldValue(name, encryptedValue) : openValue(name, encryptedValue, nonce);
  if (account === null) throw new WireError('ons', 'Failed to decrypt');
  if (account.length !== ACCOUNT_BYTES) {
    throw new WireError('ons', 'Invalid decrypted value: expected to be 33 bytes');
  }
  return bytesToHex(account);
}

function openValue(name: string, encryptedValue: Uint8Array, nonce: Uint8Array): Uint8Array | null {
  const key = blake2b(HASH_BYTES, utf8ToBytes(name), { key: onsNameHash(name) });
  return xchachaOpen(key, nonce, encryptedValue);
}

const OLD_KEY = { nonce: Buffer.alloc(16), parallelism: 1, tagLength: 32, memory: 256 * 1024, passes: 3 } as const;

async function openOldValue(name: string, encryptedValue: Uint8Array): Promise<Uint8Array | null> {
  const key = await promisify(argon2)('argon2id', { message: utf8ToBytes(name), ...OLD_KEY });
  return secretBoxOpen(key, new Uint8Array(NONCE_BYTES), encryptedValue);
}

function malformed(): WireError {
  return new WireError('ons', 'the answer about a name is malformed');
}
