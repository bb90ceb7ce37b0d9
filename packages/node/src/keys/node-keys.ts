import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '@sotto/wire/bytes';
import { deriveNodeKeys, type NodeKeys } from '@sotto/wire/nodes';
import { NodeError } from '../errors.ts';
import { createPrivateFile } from './private-file.ts';

const SEED_FILE = 'node.seed';
export const SEED_BYTES = 32;

/**
 * Makes the keys of a new node and writes their 32-byte seed to `node.seed` in the folder, readable by the owner only.
 * The folder is made if it is missing. @throws NodeError `keys` if there are keys already, `folder` if it cannot be
 * written.
 */
export function createNodeKeys(folder: string): NodeKeys {
  const seed = randomBytes(SEED_BYTES);
  try {
    createSeedFile(folder, seed);
    return deriveNodeKeys(seed);
  } finally {
    wipe(seed);
  }
}

/** Writes a seed as {@link createNodeKeys} does, with the same errors. */
export function createSeedFile(folder: string, seed: Uint8Array): void {
  try {
    createPrivateFile(join(folder, SEED_FILE), seed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new NodeError('keys', `${folder} holds the keys of a node already.`);
    }
    throw new NodeError('folder', `The node's folder ${folder} cannot be written: ${reason(error)}.`);
  }
}

/**
 * Reads the keys that {@link createNodeKeys} made; `null` if there are none yet.
 * @throws NodeError `keys` if the file is damaged, unreadable, or open to other users.
 */
export function loadNodeKeys(folder: string): NodeKeys | null {
  const seed = readSeed(folder);
  if (!seed) return null;
  try {
    return deriveNodeKeys(seed);
  } finally {
    wipe(seed);
  }
}

/** The seed from which {@link loadNodeKeys} makes the keys; the caller wipes it. */
export function readSeed(folder: string): Uint8Array | null {
  const path = join(folder, SEED_FILE);
  let seed: Buffer;
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      throw new NodeError('keys', `Other users can read ${path}: run "chmod 600" on it.`);
    }
    seed = readFileSync(path);
  } catch (error) {
    if (error instanceof NodeError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new NodeError('keys', `The node's keys in ${path} cannot be read: ${reason(error)}.`);
  }
  if (seed.length === SEED_BYTES) return seed;
  wipe(seed);
  throw new NodeError('keys', `The node's keys in ${path} are damaged.`);
}

/** Overwrites the secret halves. */
export function wipeNodeKeys(keys: NodeKeys): void {
  wipe(keys.ed25519.secretKey, keys.x25519.secretKey, keys.legacy.secretKey);
}

function reason(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
