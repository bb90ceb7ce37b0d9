import type { BtDictReader, BtListReader } from '../bt/index.ts';
import { WireError } from '../errors.ts';
import { invalidRequest, type RpcFailure } from './failure.ts';
import type { NamespaceOrAll } from './request.ts';

/**
 * What values a parameter may have, in each of the two forms (storage-rpc §3.1). The readers throw RpcFailure with the
 * kind's own text; what a text means (hex, base64, raw bytes) is read afterwards, because other checks come between.
 *
 * JSON numbers beyond ±(2⁵³−1) lose digits on parsing, so where digits matter (they are signed and forwarded) such
 * an integer is refused like a value of another type. No time of the protocol comes near them.
 */
export interface Kind<Value> {
  /** The value of a JSON member that is there and not null. */
  json(value: unknown, field: string): Value;
  /** The value that a bt reader stands before. */
  bt(reader: BtDictReader, field: string): Value;
}

/** A string: text from JSON, bytes from a bt dict. */
export type Text = string | Uint8Array;

/** Times below this many ms cannot be meant; they are seconds. */
const SMALLEST_MILLISECONDS = 1_000_000_000;
const MINIMUM_NAMESPACE = -32768;
const MAXIMUM_NAMESPACE = 32767;

export const text: Kind<Text> = {
  json: (value, field) => (typeof value === 'string' ? value : refuse(field, 'string')),
  bt: (reader, field) => (reader.next === 'bytes' ? reader.readBytes() : refuse(field, 'string')),
};

export const bool: Kind<boolean> = {
  json: (value, field) => (typeof value === 'boolean' ? value : refuse(field, 'boolean')),
  bt(reader, field) {
    const value = btInteger(reader);
    return value === 0 || value === 1 ? value === 1 : refuse(field, 'boolean');
  },
};

const integer: Kind<number> = {
  json: (value, field) => jsonInteger(value) ?? refuse(field, 'integer'),
  bt: (reader, field) => btInteger(reader) ?? refuse(field, 'integer'),
};

const unsigned: Kind<number> = {
  json: (value, field) => jsonUnsigned(value) ?? refuse(field, 'positive integer'),
  bt: (reader, field) => btUnsigned(reader) ?? refuse(field, 'positive integer'),
};

/** An integer of any size, clamped to 32 bits where the reference would wrap it. */
export const count: Kind<number> = {
  json: (value, field) => jsonCount(value) ?? refuse(field, 'integer'),
  bt: (reader, field) => btCount(reader) ?? refuse(field, 'integer'),
};

/** One or more integers, clamped to 32 bits. */
export const counts: Kind<readonly number[]> = {
  json: (value, field) => jsonList(value, jsonCount) ?? refuse(field, 'integer array'),
  bt: (reader, field) => btList(reader, btCount) ?? refuse(field, 'integer array'),
};

/** `timestamp` and `ttl` of `store` may be integers written as text, in JSON only. */
export const stringifiedInteger: Kind<number> = {
  json: (value, field) =>
    typeof value === 'string' ? parseDigits(value, /^-?[0-9]+$/, field) : integer.json(value, field),
  bt: integer.bt,
};

export const stringifiedUnsigned: Kind<number> = {
  json: (value, field) =>
    typeof value === 'string' ? parseDigits(value, /^[0-9]+$/, field) : unsigned.json(value, field),
  bt: unsigned.bt,
};

/** Milliseconds. */
export const timestamp: Kind<number> = {
  json(value, field) {
    const time = jsonUnsigned(value) ?? refuse(field, 'integer timestamp (in milliseconds)');
    if (time >= SMALLEST_MILLISECONDS) return time;
    throw invalidRequest(`Invalid timestamp for '${field}': timestamp must be in milliseconds`);
  },
  bt: (reader, field) => btUnsigned(reader) ?? refuse(field, 'integer timestamp (in milliseconds)'),
};

/** One or more times; their size is not checked. */
export const timestamps: Kind<readonly number[]> = {
  json: (value, field) => jsonList(value, jsonUnsigned) ?? refuse(field, 'timestamp array'),
  bt: (reader, field) => btList(reader, btUnsigned) ?? refuse(field, 'timestamp array'),
};

/** One or more strings. */
export const texts: Kind<readonly Text[]> = {
  json: (value, field) => jsonList(value, jsonText) ?? refuse(field, 'string array'),
  bt: (reader, field) => btList(reader, btText) ?? refuse(field, 'string array'),
};

export const namespace: Kind<number> = {
  json: (value, field) => jsonNamespace(value, field) ?? refuse(field, '16-bit integer'),
  bt: (reader, field) => btNamespace(reader) ?? refuse(field, '16-bit integer'),
};

export const namespaceOrAll: Kind<NamespaceOrAll> = {
  json: (value, field) =>
    value === 'all' ? 'all' : (jsonNamespace(value, field) ?? refuse(field, 'integer or "all"')),
  bt(reader, field) {
    if (reader.next !== 'bytes') return btNamespace(reader) ?? refuse(field, 'integer or "all"');
    return Buffer.from(reader.readBytes()).toString('latin1') === 'all' ? 'all' : refuse(field, 'integer or "all"');
  },
};

/** Anything; JSON only keeps its value, a bt dict gives the bytes of a string. */
export const anything: Kind<unknown> = {
  json: (value) => value,
  bt: text.bt,
};

function refuse(field: string, expected: string): never {
  throw invalidRequest(`Invalid value given for '${field}': expected ${expected}`);
}

function parseDigits(value: string, form: RegExp, field: string): number {
  const number = form.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw badText(field, value);
  // "-0" is 0.
  return number + 0;
}

function badText(field: string, value: string): RpcFailure {
  return invalidRequest(`Invalid value given for '${field}': ${JSON.stringify(value)}`);
}

function jsonInteger(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) + 0 : null;
}

function jsonUnsigned(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) + 0 : null;
}

function jsonCount(value: unknown): number | null {
  const isInteger = Number.isInteger(value) && (value as number) >= -(2 ** 63) && (value as number) < 2 ** 64;
  return isInteger ? clamp(value as number) : null;
}

function jsonText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function jsonNamespace(value: unknown, field: string): number | null {
  const number = jsonCount(value);
  if (number === null || (number >= MINIMUM_NAMESPACE && number <= MAXIMUM_NAMESPACE)) return number;
  throw invalidRequest(`Invalid value given for '${field}': value out of range`);
}

/** A single value stands for a list of one. `null` if any item is not of the kind. */
function jsonList<Item>(value: unknown, read: (item: unknown) => Item | null): Item[] | null {
  if (!Array.isArray(value)) {
    const item = read(value);
    return item === null ? null : [item];
  }
  const items: Item[] = [];
  for (const entry of value) {
    const item = read(entry);
    if (item === null) return null;
    items.push(item);
  }
  return items;
}

type BtSource = BtDictReader | BtListReader;

function btInteger(reader: BtSource): number | null {
  if (reader.next !== 'integer') return null;
  try {
    return reader.readNumber();
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function btUnsigned(reader: BtSource): number | null {
  const value = btInteger(reader);
  return value !== null && value >= 0 ? value : null;
}

function btCount(reader: BtSource): number | null {
  if (reader.next !== 'integer') return null;
  const value = reader.readValue();
  return typeof value === 'bigint' ? clamp(Number(value)) : null;
}

function btNamespace(reader: BtSource): number | null {
  const value = btInteger(reader);
  return value !== null && value >= MINIMUM_NAMESPACE && value <= MAXIMUM_NAMESPACE ? value : null;
}

function btText(reader: BtSource): Uint8Array | null {
  return reader.next === 'bytes' ? reader.readBytes() : null;
}

function btList<Item>(reader: BtDictReader, read: (source: BtSource) => Item | null): Item[] | null {
  if (reader.next !== 'list') {
    const item = read(reader);
    return item === null ? null : [item];
  }
  const list = reader.readList();
  const items: Item[] = [];
  while (list.next !== 'end') {
    const item = read(list);
    if (item === null) return null;
    items.push(item);
  }
  return items;
}

function clamp(value: number): number {
  return Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1) + 0;
}
