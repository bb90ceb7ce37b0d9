import { type Argon2Parameters, argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { bytesToHex, hexToBytes, utf8ToBytes, wipe } from '@sotto/wire/bytes';
import { xchachaOpen, xchachaSeal } from '@sotto/wire/crypto';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import { NodeError } from '../errors.ts';
import { createSeedFile, readSeed, SEED_BYTES, wipeNodeKeys } from './node-keys.ts';

const SALT_BYTES = 16;
const NONCE_BYTES = 24;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const LONGEST_BACKUP = 2000;

/** Argon2id, second recommended option of RFC 9106 §4: 64 MiB, 3 passes, 4 lanes. Backups of version 1 all have it. */
const COST = { memory: 65_536, passes: 3, parallelism: 4 };

/**
 * A backup of the keys in a node's folder, sealed by a passphrase: text of one line, with the public key in the clear so that
 * one sees whose it is. Keys are all that cannot be had again: messages come from the swarm, the certificate is made anew.
 * @throws NodeError `keys` if there are none, or they cannot be read.
 */
export async function backUpNodeKeys(folder: string, passphrase: string): Promise<string> {
  const seed = readSeed(folder);
  if (!seed)
    throw new NodeError('keys', `${folder} holds no keys of a node. Behind oxend, it is oxend that keeps them.`);
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const wrapping = await passphraseKey(passphrase, salt);
  try {
    const box = xchachaSeal(wrapping, nonce, seed);
    const parts = { ed25519: publicKeyOf(seed), salt, nonce, box };
    const hex = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, bytesToHex(bytes)]));
    return `${JSON.stringify({ sottoNodeKeys: 1, ...hex })}\n`;
  } finally {
    wipe(seed, wrapping);
  }
}

/**
 * Writes the keys of a backup to a folder that has none; gives the node's Ed25519 key.
 * @throws NodeError `keys` if the text is no backup, the passphrase is another one, or there are keys already.
 */
export async function restoreNodeKeys(folder: string, backup: string, passphrase: string): Promise<Uint8Array> {
  const parts = parseBackup(backup);
  if (!parts) throw new NodeError('keys', "That is not a backup of a node's keys, or it is damaged.");
  const wrapping = await passphraseKey(passphrase, parts.salt);
  const seed = xchachaOpen(wrapping, parts.nonce, parts.box);
  wipe(wrapping);
  if (!seed) throw new NodeError('keys', 'The passphrase does not open this backup.');
  try {
    createSeedFile(folder, seed);
    return publicKeyOf(seed);
  } finally {
    wipe(seed);
  }
}

interface BackupParts {
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly box: Uint8Array;
}

function parseBackup(text: string): BackupParts | null {
  try {
    if (text.length > LONGEST_BACKUP) return null;
    const { sottoNodeKeys, salt, nonce, box } = JSON.parse(text) as Record<string, unknown>;
    const isWhole = isHex(salt, SALT_BYTES) && isHex(nonce, NONCE_BYTES) && isHex(box, SEED_BYTES + TAG_BYTES);
    if (sottoNodeKeys !== 1 || !isWhole) return null;
    return { salt: hexToBytes(salt), nonce: hexToBytes(nonce), box: hexToBytes(box) };
  } catch {
    return null;
  }
}

function isHex(value: unknown, bytes: number): value is string {
  return typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value);
}

function publicKeyOf(seed: Uint8Array): Uint8Array {
  const keys = deriveNodeKeys(seed);
  wipeNodeKeys(keys);
  return keys.ed25519.publicKey;
}

const argon2Async = promisify<'argon2id', Argon2Parameters, Buffer>(
  argon2 as (
    algorithm: 'argon2id',
    parameters: Argon2Parameters,
    done: (error: Error | null, key: Buffer) => void,
  ) => void,
);

async function passphraseKey(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  // The same passphrase typed on another keyboard may arrive composed differently.
  const message = utf8ToBytes(passphrase.normalize('NFKC'));
  try {
    return await argon2Async('argon2id', { message, nonce: salt, ...COST, tagLength: KEY_BYTES });
  } finally {
    wipe(message);
  }
}
