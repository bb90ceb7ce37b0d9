import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, wipe } from '@sotto/wire/bytes';
import { ed25519KeyPair, ed25519SecretToX25519, type KeyPair, x25519KeyPair } from '@sotto/wire/crypto';
import { FilesError } from './errors.ts';
import { createPrivateFile } from './private-file.ts';

const SEED_FILE = 'files.seed';
const SEED_BYTES = 32;

/** What a file server is known by, and what opens requests for it (messages §9.1). */
export interface ServerKeys {
  /** Ed25519, lower-case hex: the `key` of the network file and of URLs. */
  readonly publicKey: string;
  readonly x25519: KeyPair;
}

/**
 * The public key (hex) of the file server in a folder; its keys are made if there are none, their seed in `files.seed`,
 * for the owner only. @throws FilesError `keys` as {@link loadServerKeys}, `folder` if it cannot be written.
 */
export function loadOrCreateServerKeys(folder: string): string {
  const { publicKey, x25519 } = loadServerKeys(folder) ?? createServerKeys(folder);
  wipe(x25519.secretKey);
  return publicKey;
}

function createServerKeys(folder: string): ServerKeys {
  const seed = randomBytes(SEED_BYTES);
  try {
    createPrivateFile(join(folder, SEED_FILE), seed);
    return deriveKeys(seed);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw new FilesError('keys', `${folder} holds the keys of a file server already.`);
    throw new FilesError('folder', `The folder ${folder} cannot be written: ${codeOf(cause)}.`, { cause });
  } finally {
    wipe(seed);
  }
}

/**
 * Reads the keys of the file server in a folder; `null` if there are none.
 * @throws FilesError `keys` if the file is damaged, unreadable, or open to other users.
 */
export function loadServerKeys(folder: string): ServerKeys | null {
  const path = join(folder, SEED_FILE);
  let seed: Buffer;
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      throw new FilesError('keys', `Other users can read ${path}: run "chmod 600" on it.`);
    }
    seed = readFileSync(path);
  } catch (cause) {
    if (cause instanceof FilesError) throw cause;
    if (codeOf(cause) === 'ENOENT') return null;
    throw new FilesError('keys', `The keys in ${path} cannot be read: ${codeOf(cause)}.`, { cause });
  }
  try {
    if (seed.length !== SEED_BYTES) throw new FilesError('keys', `The keys in ${path} are damaged.`);
    return deriveKeys(seed);
  } finally {
    wipe(seed);
  }
}

function deriveKeys(seed: Uint8Array): ServerKeys {
  const { publicKey, secretKey } = ed25519KeyPair(seed);
  const x25519 = x25519KeyPair(ed25519SecretToX25519(secretKey));
  wipe(secretKey);
  return { publicKey: bytesToHex(publicKey), x25519 };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
