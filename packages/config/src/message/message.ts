import { bytesToHex } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import type { Dict, Diff, SortedMap } from '../values/index.ts';

const HASH_BYTES = 32;

/** How many revisions back a message remembers what was changed (config §4). */
export const LAG = 5;

/** What an earlier revision changed. */
export interface Lag {
  readonly seqno: bigint;
  /** Hash of that message, 32 bytes as lower-case hex. */
  readonly hash: string;
  readonly diff: Diff;
}

/** What a message says, apart from being finished. */
export interface Revision {
  readonly seqno: bigint;
  readonly data: Dict;
  /** Ascending by (seqno, hash). */
  readonly lags: readonly Lag[];
  /** Top-level keys that this version does not know, with their encoded values. */
  readonly unknown: SortedMap<Uint8Array>;
}

/** One complete state of a config, as a device made it (config §3). */
export interface ConfigMessage extends Revision {
  readonly diff: Diff;
  /** 64 bytes, of configs that are signed. */
  readonly signature: Uint8Array | null;
  /** The plaintext as it was received or made, from which the hash is taken. */
  readonly bytes: Uint8Array;
  /** 32 bytes as lower-case hex, which is ordered as the bytes are. */
  readonly hash: string;
}

/** The hash of a plaintext (config §3). */
export function messageHash(bytes: Uint8Array): string {
  return bytesToHex(blake2b(HASH_BYTES, bytes));
}

/** Orders by seqno, then by hash (config §3). */
export function compareRevisions(
  a: { readonly seqno: bigint; readonly hash: string },
  b: { readonly seqno: bigint; readonly hash: string },
): number {
  if (a.seqno !== b.seqno) return a.seqno < b.seqno ? -1 : 1;
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}

/** A name for one revision, equal only for the same seqno and hash. */
export function revisionKey({ seqno, hash }: { readonly seqno: bigint; readonly hash: string }): string {
  return `${seqno}:${hash}`;
}
