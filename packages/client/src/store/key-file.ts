import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, hexToBytes, type Random, wipe } from '@sotto/wire/bytes';
import { xchachaOpen, xchachaSeal } from '@sotto/wire/crypto';
import { EngineError } from '../engine.ts';
import { moveDurably } from './durable.ts';
import { asDiskFull } from './full-disk.ts';
import { isBearable, PASSPHRASE_COST, type PassphraseCost, passphraseKey, SALT_BYTES } from './passphrase-key.ts';

const FILE = 'profile.key';
const KEY_BYTES = 32;
const NONCE_BYTES = 24;

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
  const wrapping = await passphraseKey(passphrase, salt, PASSPHRASE_COST);
  const box = xchachaSeal(wrapping, nonce, key);
  wipe(wrapping);
  return {
    kind: 'passphrase',
    salt: bytesToHex(salt),
    ...PASSPHRASE_COST,
    nonce: bytesToHex(nonce),
    box: bytesToHex(box),
  };
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
    throw asDiskFull(error);
  }
}

/** Nothing opens the database any more. */
export function removeKeyFile(folder: string): void {
  rmSync(join(folder, FILE), { force: true });
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
    isBearable(entry as Record<keyof PassphraseCost, unknown>)
  );
}

function isHex(value: unknown, bytes: number): boolean {
  return typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value);
}

function write(path: string, entries: KeyFile): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${JSON.stringify({ sottoProfile: 1, keys: entries })}\n`);
  } finally {
    closeSync(file);
  }
}
