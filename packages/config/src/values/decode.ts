import { atEnd, type Cursor, enter, takeBytes, takeInteger, takeLatin1 } from '@sotto/wire/bt';
import { ConfigError } from '../errors.ts';
import { compareScalars, type Scalar } from './scalar.ts';
import { ScalarSet } from './scalar-set.ts';
import { type SortedMap, SortedMapBuilder } from './sorted-map.ts';
import type { Dict, Value } from './value.ts';

const COLON = 0x3a;
const DICT = 0x64;
const INTEGER = 0x69;
const LIST = 0x6c;
const ZERO = 0x30;
const MINUS = 0x2d;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * A position in encoded bytes, and whether all that was read stood as the encoder would write it. Only then may dicts
 * keep their part of the bytes as their encoding.
 */
export interface Source extends Cursor {
  canonical: boolean;
}

/** The type of the value that comes next. */
export function nextIs(source: Source, type: 'dict' | 'list' | 'integer'): boolean {
  const byte = source.bytes[source.position];
  return byte === (type === 'dict' ? DICT : type === 'list' ? LIST : INTEGER);
}

/** Reads a dict of application data (config §3.1). `top` is the outermost one, which alone may be empty. */
export function takeDict(source: Source, depth: number, top = false): Dict {
  const dict = takeMap(source, depth, takeValue);
  if (dict.size === 0 && !top) throw new ConfigError('message', 'an empty dict');
  return dict;
}

function takeValue(source: Source, depth: number): Value {
  if (nextIs(source, 'dict')) return takeDict(source, depth);
  if (!nextIs(source, 'list')) return takeScalar(source);
  const set = takeSet(source, depth);
  if (set.members.length === 0) throw new ConfigError('message', 'an empty set');
  return set;
}

/** Reads a dict with strictly ascending keys; `take` reads each value. */
export function takeMap<V>(source: Source, depth: number, take: (source: Source, depth: number) => V): SortedMap<V> {
  if (!nextIs(source, 'dict')) throw new ConfigError('message', 'not a dict');
  const start = source.position;
  enter(source, depth);
  const builder = new SortedMapBuilder<V>();
  let previous: string | null = null;
  while (!atEnd(source)) {
    const key = takeKey(source);
    if (previous !== null && key <= previous) throw new ConfigError('message', 'keys out of order');
    previous = key;
    builder.add(key, take(source, depth + 1));
  }
  source.position++;
  const map = builder.build();
  map.encoded = source.bytes.subarray(start, source.position);
  return map;
}

/** Reads a list of strictly ascending scalars, which may be empty. */
export function takeSet(source: Source, depth: number): ScalarSet {
  if (!nextIs(source, 'list')) throw new ConfigError('message', 'not a list');
  enter(source, depth);
  const members: Scalar[] = [];
  while (!atEnd(source)) {
    const member = takeScalar(source);
    const last = members.at(-1);
    if (last !== undefined && compareScalars(last, member) >= 0) throw new ConfigError('message', 'a set out of order');
    members.push(member);
  }
  source.position++;
  return new ScalarSet(members);
}

function takeScalar(source: Source): Scalar {
  return nextIs(source, 'integer') ? takeInt64(source) : takeString(source);
}

/** Reads an integer of signed 64 bit. */
export function takeInt64(source: Source): bigint {
  const start = source.position;
  const value = BigInt(takeInteger(source));
  if (value < MIN_INT64 || value > MAX_INT64) throw new ConfigError('message', 'an integer beyond 64 bit');
  const { bytes } = source;
  const first = bytes[start + 1] === MINUS ? start + 2 : start + 1;
  const digits = source.position - 1 - first;
  if (bytes[first] === ZERO && (digits > 1 || first > start + 1)) source.canonical = false;
  return value;
}

/** Reads a byte string; a view of the input. */
export function takeString(source: Source): Uint8Array {
  checkLength(source);
  return takeBytes(source);
}

/** Reads a dict key. */
export function takeKey(source: Source): string {
  checkLength(source);
  return takeLatin1(source);
}

function checkLength(source: Source): void {
  const { bytes, position } = source;
  if (bytes[position] === ZERO && bytes[position + 1] !== COLON) source.canonical = false;
}
