/**
 * A map whose keys are the latin1 text of byte strings, kept in ascending byte order. It never changes: `with` and
 * `without` give another map that shares the values, or the map itself if nothing would be different. So two states of
 * a config share all that an edit left alone, and comparing them costs only what differs.
 */
export class SortedMap<V> {
  readonly keys: readonly string[];
  readonly values: readonly V[];
  /** The canonical encoding, once somebody had it at hand; only the codec of values looks at it. */
  encoded: Uint8Array | null = null;

  /** `keys` must be ascending without duplicates, and as many as `values`; neither may be changed afterwards. */
  constructor(keys: readonly string[], values: readonly V[]) {
    this.keys = keys;
    this.values = values;
  }

  get size(): number {
    return this.keys.length;
  }

  get(key: string): V | undefined {
    const index = this.#search(key);
    return this.keys[index] === key ? this.values[index] : undefined;
  }

  /** This map with one entry set. */
  with(key: string, value: V): SortedMap<V> {
    const index = this.#search(key);
    const found = this.keys[index] === key;
    if (found && this.values[index] === value) return this;
    return found
      ? new SortedMap(this.keys, this.values.with(index, value))
      : new SortedMap(this.keys.toSpliced(index, 0, key), this.values.toSpliced(index, 0, value));
  }

  /** This map without one entry. */
  without(key: string): SortedMap<V> {
    const index = this.#search(key);
    if (this.keys[index] !== key) return this;
    return new SortedMap(this.keys.toSpliced(index, 1), this.values.toSpliced(index, 1));
  }

  /** Where the key is, or would be. */
  #search(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Collects entries that come in ascending order of their keys. */
export class SortedMapBuilder<V> {
  readonly #keys: string[] = [];
  readonly #values: V[] = [];

  add(key: string, value: V): void {
    this.#keys.push(key);
    this.#values.push(value);
  }

  build(): SortedMap<V> {
    return new SortedMap(this.#keys, this.#values);
  }
}

/** Walks two maps together in ascending order of keys; a side that lacks the key gives `undefined`. */
export function forEachKey<A, B>(
  first: SortedMap<A>,
  second: SortedMap<B>,
  visit: (key: string, first: A | undefined, second: B | undefined) => void,
): void {
  let i = 0;
  let j = 0;
  while (i < first.size || j < second.size) {
    const a = first.keys[i];
    const b = second.keys[j];
    if (b === undefined || (a !== undefined && a < b)) visit(a!, first.values[i++], undefined);
    else if (a === undefined || b < a) visit(b, undefined, second.values[j++]);
    else visit(a, first.values[i++], second.values[j++]);
  }
}
