import { type Dict, equalValues, type Value } from '../values/index.ts';

/** What a field may need beside its dict. */
export interface FieldContext {
  /** The id of the entry that the dict belongs to, as its key is written; empty outside collections. */
  readonly id: string;
  /** ms since 1970; `null` where nothing is to be dated or judged by its age. */
  readonly now: number | null;
}

/** One line of the table that is made of a description. */
export interface FieldRow {
  /** The keys in which the value is stored. */
  readonly keys: readonly string[];
  readonly type: string;
  readonly rule: string;
  readonly meaning: string;
}

/**
 * One thing that a config says: where it is stored, what it may be, what its absence means. `read` gives the default for
 * a missing or wrongly typed value; `write` touches only its own keys.
 */
export interface Field<T> {
  readonly row: FieldRow;
  /** Stored even if nobody ever set it, so that the dict around it stays alive. */
  readonly always?: boolean;
  /** A change of it is a change of the profile that others are told of (config §9.1). */
  readonly dated?: boolean;
  read(dict: Dict, context: FieldContext): T;
  /** @throws ConfigError `value` for what the field does not take. */
  write(dict: Dict, value: T, context: FieldContext): Dict;
}

/** What a field holds. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The dict with a key set, or without it for `null`. The same object if nothing changes. */
export function put(dict: Dict, key: string, value: Value | null): Dict {
  if (value === null) return dict.without(key);
  return equalValues(dict.get(key), value) ? dict : dict.with(key, value);
}

/** An integer as a number; `null` if there is none, or one that a number cannot hold. */
export function integerAt(dict: Dict, key: string): number | null {
  const value = dict.get(key);
  if (typeof value !== 'bigint') return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}

/** A byte string; `null` if there is none, or one of another size. */
export function bytesAt(dict: Dict, key: string, size?: number): Uint8Array | null {
  const value = dict.get(key);
  if (!(value instanceof Uint8Array)) return null;
  return size === undefined || value.length === size ? value : null;
}
