import { type Argon2Parameters, argon2 } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bytesToHex, hexToBytes, type Random, utf8ToBytes, wipe } from '@sotto/wire/bytes';
import { xchachaOpen, xchachaSeal } from '@sotto/wire/crypto';
import { EngineError } from '../engine.ts';
import { moveDurably } from './durable.ts';

const FILE = 'profile.key';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 24;

/** A full disk, a full quota, a file that may not grow. */
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Argon2id, second recommended option of RFC 9106 §4: 64 MiB, 3 passes, 4 lanes. */
const COST = { memory: 65_536, passes: 3, parallelism: 4 };
/** Bounds for what a key file may ask of us: a foreign file must not exhaust memory. */
const MAXIMUM_COST = { memory: 1_048_576, passes: 16, parallelism: 16 };

/** One database key: as it is, or sealed by a key that Argon2id makes from the passphrase. */
export type KeyEntry =
  | { readonly kind: 'plain'; readonly key: string }
  | {
      readonly kind: 'passphrase';
      readonly salt: string;
      readonly memory: number;
      readonly passes: number;
      readonly parallelism: number;
      readonly nonce: string;
      readonly box: string;
    };

/**
 * The keys a profile may be opened with. There is one, except while the passphrase is being changed: then the new
 * entry comes first and the old one follows, so that a crash at any moment leaves a key that opens the database.
 */
export type KeyFile = readonly KeyEntry[];

/** A new random database key of 32 bytes. The caller wipes it. */
export function newDatabaseKey(random: Random): Uint8Array {
  return random(KEY_BYTES);
}

/** Protects a database key by a passphrase, or not at all. */
export async function sealKey(key: Uint8Array, passphrase: string | undefined, random: Random): Promise<KeyEntry> {
  if (passphrase === undefined) return { kind: 'plain', key: bytesToHex(key) };
  const salt = random(SALT_BYTES);
  const nonce = random(NONCE_BYTES);
  const wrapping = await passphraseKey(passphrase, salt, COST);
  const box = xchachaSeal(wrapping, nonce, key);
  wipe(wrapping);
  return { kind: 'passphrase', salt: bytesToHex(salt), ...COST, nonce: bytesToHex(nonce), box: bytesToHex(box) };
}

/** The database key of an entry; `null` if it needs another passphrase. The caller wipes the key. */
export async function unsealKey(entry: KeyEntry, passphrase: string | undefined): Promise<Uint8Array | null> {
  if (entry.kind === 'plain') return hexToBytes(entry.key);
  if (passphrase === undefined) return null;
  const wrapping = await passphraseKey(passphrase, hexToBytes(entry.salt), entry);
  try {
    return xchachaOpen(wrapping, hexToBytes(entry.nonce), hexToBytes(entry.box));
  } finally {
    wipe(wrapping);
  }
}

/** Whether the profile's folder holds a key file, readable or not. */
export function hasKeyFile(folder: string): boolean {
  return readText(folder) !== null;
}

/** @throws EngineError `profile-missing`, `profile-damaged` */
export function readKeyFile(folder: string): KeyFile {
  const text = readText(folder);
  if (text === null) throw new EngineError('profile-missing', 'there is no profile in this folder');
  const file = parseKeyFile(text);
  if (!file) throw new EngineError('profile-damaged', 'the key file of the profile cannot be read');
  return file;
}

/**
 * Replaces the key file in one step (0600): after a crash it is the old or the new one, never half of it.
 * @throws EngineError `disk-full`; it is the old one then.
 */
export function writeKeyFile(folder: string, entries: KeyFile): void {
  const path = join(folder, FILE);
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  try {
    write(fresh, entries);
    moveDurably(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    const isFull = FULL_CODES.has(String((error as NodeJS.ErrnoException).code));
    throw isFull ? new EngineError('disk-full', 'the disk is full') : error;
  }
}

const argon2Async = promisify<'argon2id', Argon2Parameters, Buffer>(
  argon2 as (
    algorithm: 'argon2id',
    parameters: Argon2Parameters,
    done: (error: Error | null, key: Buffer) => void,
  ) => void,
);

async function passphraseKey(
  passphrase: string,
  salt: Uint8Array,
  cost: { readonly memory: number; readonly passes: number; readonly parallelism: number },
): Promise<Uint8Array> {
  // The same passphrase typed on another keyboard may arrive composed differently.
  const message = utf8ToBytes(passphrase.normalize('NFKC'));
  const { memory, passes, parallelism } = cost;
  try {
    return await argon2Async('argon2id', { message, nonce: salt, memory, passes, parallelism, tagLength: KEY_BYTES });
  } finally {
    wipe(message);
  }
}

function readText(folder: string): string | null {
  try {
    return readFileSync(join(folder, FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw new EngineError('profile-damaged', 'the key file of the profile cannot be read');
  }
}

function parseKeyFile(text: string): KeyFile | null {
  try {
    const json = JSON.parse(text) as { sottoProfile?: unknown; keys?: unknown };
    if (json.sottoProfile !== 1 || !Array.isArray(json.keys)) return null;
    if (json.keys.length < 1 || json.keys.length > 2 || !json.keys.every(isEntry)) return null;
    return json.keys;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is KeyEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  if (entry.kind === 'plain') return isHex(entry.key, KEY_BYTES);
  return (
    entry.kind === 'passphrase' &&
    isHex(entry.salt, SALT_BYTES) &&
    isHex(entry.nonce, NONCE_BYTES) &&
    isHex(entry.box, KEY_BYTES + 16) &&
    isCost(entry.parallelism, 1, MAXIMUM_COST.parallelism) &&
    isCost(entry.passes, 1, MAXIMUM_COST.passes) &&
    isCost(entry.memory, 8 * (entry.parallelism as number), MAXIMUM_COST.memory)
  );
}

function isHex(value: unknown, bytes: number): boolean {
  return typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value);
}

function isCost(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function write(path: string, entries: KeyFile): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${JSON.stringify({ sottoProfile: 1, keys: entries })}\n`);
  } finally {
    closeSync(file);
  }
}
