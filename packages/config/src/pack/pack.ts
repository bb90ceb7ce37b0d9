import { WireError } from '@sotto/wire';
import type { Account } from '@sotto/wire/account';
import { bytesToHex } from '@sotto/wire/bytes';
import { unwrapSharedConfig, wrapSharedConfig } from '@sotto/wire/message';
import { ConfigError } from '../errors.ts';
import { compress } from './compress.ts';
import { MAX_CONFIG_BYTES, MAX_STORED_BYTES } from './limits.ts';
import { splitIntoParts, wholeHash } from './multipart.ts';
import { pad, unpad } from './padding.ts';
import { open, SEAL_OVERHEAD, seal } from './seal.ts';

/** How the messages of one config are packed for its swarm. */
export interface Packing {
  /** Keeps configs apart that have the same key (config §1); 1–24 bytes. */
  readonly domain: string;
  /** 32 bytes each: the first one encrypts, all of them are tried for decryption. */
  readonly keys: readonly Uint8Array[];
  /** Configs of an account are wrapped for old clients; those of groups are not (config §7 step 6). */
  readonly wrapping: { readonly kind: number; readonly account: Pick<Account, 'ed25519' | 'x25519'> } | null;
}

/** What a plaintext was packed into. */
export interface Packed {
  /** What is to be stored, part by part. */
  readonly messages: readonly Uint8Array[];
  /** Names the parts if there are several: hash of the whole as hex. */
  readonly multipart: string | null;
}

/**
 * Compresses, pads, splits, encrypts and wraps a plaintext (config §7). Every message fits into a swarm.
 * @throws ConfigError `too-large` beyond 5,000,000 bytes.
 */
export function pack(plaintext: Uint8Array, seqno: bigint, packing: Packing): Packed {
  const [key] = packing.keys;
  if (!key) throw new ConfigError('value', 'there is no key to encrypt with');
  const padded = pad(compress(plaintext));
  if (padded.length > MAX_CONFIG_BYTES) throw new ConfigError('too-large', 'the config is too large to be sent');
  const sealed = (bytes: Uint8Array): Uint8Array => seal(bytes, key, packing.domain);
  if (padded.length + SEAL_OVERHEAD > MAX_STORED_BYTES) {
    const hash = wholeHash(padded);
    return { messages: splitIntoParts(padded, hash).map(sealed), multipart: bytesToHex(hash) };
  }
  return { messages: [wrap(sealed(padded), seqno, packing)], multipart: null };
}

function wrap(sealed: Uint8Array, seqno: bigint, { wrapping }: Packing): Uint8Array {
  if (!wrapping) return sealed;
  const wrapped = wrapSharedConfig(sealed, seqno, wrapping.kind, wrapping.account);
  return wrapped.length > MAX_STORED_BYTES ? sealed : wrapped;
}

/**
 * What a stored message holds, without wrappings, encryption and padding: a part, or a config that may be compressed
 * (config §7.4).
 * @throws ConfigError `message` if no key opens it or nothing is in it.
 */
export function unpack(stored: Uint8Array, packing: Packing): Uint8Array {
  const sealed = unwrap(unwrap(stored, packing), packing);
  for (const key of packing.keys) {
    const padded = open(sealed, key, packing.domain);
    if (!padded) continue;
    const plaintext = unpad(padded);
    if (plaintext.length === 0) throw new ConfigError('message', 'nothing is in it');
    return plaintext;
  }
  throw new ConfigError('message', 'no key opens it');
}

/** Once more for messages that were wrapped twice. What cannot be unwrapped is taken as it is. */
function unwrap(stored: Uint8Array, { wrapping }: Packing): Uint8Array {
  if (!wrapping) return stored;
  try {
    return unwrapSharedConfig(stored, wrapping.kind, wrapping.account);
  } catch (error) {
    if (error instanceof WireError) return stored;
    throw error;
  }
}
