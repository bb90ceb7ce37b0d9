import { WireError } from '../errors.ts';

/** How often a range is divided before it is one bucket, and into how many parts each time. */
export const BUCKET_LEVEL = 4;
const RANGE_PARTS = 16;
/** Accounts are spread over so many buckets by the first two bytes of their key (sync §1). */
export const BUCKETS = RANGE_PARTS ** BUCKET_LEVEL;

/** A part of all accounts: the one at `index` when all of them are divided `level` times by 16 (sync §1). */
export interface SyncRange {
  /** 0 (everything) to 4 (one bucket). */
  readonly level: number;
  readonly index: number;
}

/** What two nodes compare before they look closer (sync §2). */
export interface RangeSummary {
  /** Number of states in the range. */
  readonly count: number;
  /** 16 bytes: the exclusive or of the states' fingerprints. */
  readonly fingerprint: Uint8Array;
}

const RANGE_BYTES = 3;
const FINGERPRINT_BYTES = 16;
const SUMMARY_BYTES = 4 + FINGERPRINT_BYTES;
/** Ranges that one request asks for at most. */
export const MOST_RANGES = 4096;

/** The whole of what a swarm keeps. */
export const EVERYTHING: SyncRange = { level: 0, index: 0 };

/** The bucket of an account (33 bytes); its prefix does not matter. */
export function bucketOf(account: Uint8Array): number {
  return (account[1]! << 8) | account[2]!;
}

/** The buckets of a range: the first one, and the one after the last. */
export function bucketsOf({ level, index }: SyncRange): { readonly start: number; readonly end: number } {
  const size = RANGE_PARTS ** (BUCKET_LEVEL - level);
  return { start: index * size, end: (index + 1) * size };
}

/** The 16 parts of a range that is no bucket yet. */
export function partsOf({ level, index }: SyncRange): SyncRange[] {
  return Array.from({ length: RANGE_PARTS }, (_, part) => ({ level: level + 1, index: index * RANGE_PARTS + part }));
}

/** (sync §2) */
export function encodeRanges(ranges: readonly SyncRange[]): Uint8Array {
  const bytes = Buffer.alloc(ranges.length * RANGE_BYTES);
  ranges.forEach(({ level, index }, place) => {
    bytes.writeUInt8(level, place * RANGE_BYTES);
    bytes.writeUInt16BE(index, place * RANGE_BYTES + 1);
  });
  return bytes;
}

/** @throws WireError `sync` unless they are 1 to 4096 ranges that exist and could all be different parts of everything. */
export function decodeRanges(bytes: Uint8Array): SyncRange[] {
  const count = bytes.length / RANGE_BYTES;
  if (!Number.isInteger(count) || count === 0 || count > MOST_RANGES) throw new WireError('sync', 'no list of ranges');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let buckets = 0;
  return Array.from({ length: count }, (_, place) => {
    const level = view.readUInt8(place * RANGE_BYTES);
    const index = view.readUInt16BE(place * RANGE_BYTES + 1);
    if (level > BUCKET_LEVEL || index >= RANGE_PARTS ** level) throw new WireError('sync', 'no such range');
    buckets += RANGE_PARTS ** (BUCKET_LEVEL - level);
    // Or one small request could make much work.
    if (buckets > BUCKETS) throw new WireError('sync', 'ranges that overlap');
    return { level, index };
  });
}

/** (sync §2) */
export function encodeSummaries(summaries: readonly RangeSummary[]): Uint8Array {
  const bytes = Buffer.alloc(summaries.length * SUMMARY_BYTES);
  summaries.forEach(({ count, fingerprint }, place) => {
    bytes.writeUInt32BE(count, place * SUMMARY_BYTES);
    bytes.set(fingerprint, place * SUMMARY_BYTES + 4);
  });
  return bytes;
}

/** @throws WireError `sync` unless there are `expected` summaries. */
export function decodeSummaries(bytes: Uint8Array, expected: number): RangeSummary[] {
  if (bytes.length !== expected * SUMMARY_BYTES) throw new WireError('sync', 'another number of summaries');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: expected }, (_, place) => ({
    count: view.readUInt32BE(place * SUMMARY_BYTES),
    fingerprint: bytes.subarray(place * SUMMARY_BYTES + 4, (place + 1) * SUMMARY_BYTES),
  }));
}
