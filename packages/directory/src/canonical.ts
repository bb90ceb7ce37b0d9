import { type BtDict, type BtValue, decodeBt, encodeBt } from '@sotto/wire/bt';
import { equalBytes } from '@sotto/wire/bytes';
import { DirectoryError } from './errors.ts';

/**
 * Decodes and insists on the one canonical form: sorted unique keys, shortest numbers, so that everybody reads the same
 * out of the same bytes. This and the functions below throw DirectoryError `encoding`.
 */
export function canonicalBt(bytes: Uint8Array): BtValue {
  let value: BtValue;
  try {
    value = decodeBt(bytes);
  } catch (cause) {
    throw malformed('not bt-encoded', cause);
  }
  if (!equalBytes(encodeBt(value), bytes)) throw malformed('not in canonical form');
  return value;
}

/** {@link canonicalBt} of what must be a dict. */
export function canonicalDict(bytes: Uint8Array): BtDict {
  const dict = canonicalBt(bytes);
  if (!(dict instanceof Map)) throw malformed('the signed part must be a dict');
  return dict;
}

/** An integer from 0 to `most`, by default 2⁵³−1. */
export function integerOf(value: BtValue | undefined, name: string, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'bigint' || value < 0n || value > most) {
    throw malformed(`${name} must be an integer from 0 to ${most}`);
  }
  return Number(value);
}

/** A byte string, of exactly `size` bytes where that is given. */
export function bytesOf(value: BtValue | undefined, name: string, size?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed(`${name} must be a string`);
  if (size !== undefined && value.length !== size) throw malformed(`${name} must have ${size} bytes`);
  return value;
}

export function listOf(value: BtValue | undefined, name: string): readonly BtValue[] {
  if (!Array.isArray(value)) throw malformed(`${name} must be a list`);
  return value;
}

/** Keys ascend strictly, so none is there twice. */
export function requireAscending(keys: readonly Uint8Array[], what: string): void {
  for (let index = 1; index < keys.length; index++) {
    if (Buffer.compare(keys[index - 1]!, keys[index]!) >= 0)
      throw malformed(`${what} must be sorted by key, none twice`);
  }
}

export function malformed(what: string, cause?: unknown): DirectoryError {
  return new DirectoryError('encoding', `malformed: ${what}`, cause === undefined ? {} : { cause });
}
