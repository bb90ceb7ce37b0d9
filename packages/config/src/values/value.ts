import { compareScalars, type Scalar } from './scalar.ts';
import { ScalarSet } from './scalar-set.ts';
import { SortedMap } from './sorted-map.ts';

/** What application data is made of (config §2). Nothing of it ever changes in place. */
export type Value = Scalar | ScalarSet | Dict;

/** A dict; keys are the latin1 text of their bytes. */
export interface Dict extends SortedMap<Value> {}

export const EMPTY_DICT: Dict = new SortedMap<Value>([], []);

export function isDict(value: Value | undefined): value is Dict {
  return value instanceof SortedMap;
}

export function isSet(value: Value | undefined): value is ScalarSet {
  return value instanceof ScalarSet;
}

export function isScalar(value: Value | undefined): value is Scalar {
  return value !== undefined && !isDict(value) && !isSet(value);
}

/** Whether two values have the same content. */
export function equalValues(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (isScalar(a)) return isScalar(b) && compareScalars(a, b) === 0;
  if (isSet(a)) return isSet(b) && a.equals(b);
  if (!isDict(a) || !isDict(b) || a.size !== b.size) return false;
  return a.keys.every((key, index) => key === b.keys[index] && equalValues(a.values[index], b.values[index]));
}

/** Whether two values are known to have the same content, from their encodings; cheaper than to look into them. */
export function isSameEncoded(a: Value | undefined, b: Value | undefined): boolean {
  return (
    isDict(a) && isDict(b) && a.encoded !== null && b.encoded !== null && Buffer.compare(a.encoded, b.encoded) === 0
  );
}

/** The data without empty sets and, below the top, empty dicts (config §2). */
export function prune(data: Dict): Dict {
  let pruned: SortedMap<Value> = data;
  for (let index = 0; index < data.size; index++) {
    const key = data.keys[index]!;
    const value = data.values[index]!;
    if (isSet(value)) {
      if (value.members.length === 0) pruned = pruned.without(key);
    } else if (isDict(value)) {
      // What has been encoded was pruned before.
      const inner = value.encoded ? value : prune(value);
      pruned = inner.size === 0 ? pruned.without(key) : pruned.with(key, inner);
    }
  }
  return pruned;
}

/** The value at a path of keys. */
export function getIn(data: Dict, path: readonly string[]): Value | undefined {
  let value: Value | undefined = data;
  for (const key of path) value = isDict(value) ? value.get(key) : undefined;
  return value;
}

/** The data with the value at a path set; dicts on the way are made where there are none. */
export function setIn(data: Dict, [key, ...rest]: readonly string[], value: Value): Dict {
  if (key === undefined) throw new RangeError('a path has at least one key');
  if (rest.length === 0) return equalValues(data.get(key), value) ? data : data.with(key, value);
  const inner = data.get(key);
  return data.with(key, setIn(isDict(inner) ? inner : EMPTY_DICT, rest, value));
}

/** The data without the value at a path, and without dicts that this empties. */
export function eraseIn(data: Dict, [key, ...rest]: readonly string[]): Dict {
  if (key === undefined) throw new RangeError('a path has at least one key');
  const inner = data.get(key);
  if (rest.length === 0) return data.without(key);
  if (!isDict(inner)) return data;
  const left = eraseIn(inner, rest);
  return left === inner ? data : left.size === 0 ? data.without(key) : data.with(key, left);
}
