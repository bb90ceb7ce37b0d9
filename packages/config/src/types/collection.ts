import {
  type Dict,
  EMPTY_DICT,
  eraseIn,
  forEachKey,
  getIn,
  isDict,
  isSameEncoded,
  setIn,
  type Value,
} from '../values/index.ts';
import type { FieldContext } from './field.ts';
import { type IdPrefix, idToKey, keyToId } from './ids.ts';
import type { RecordDescription, RecordOf } from './record.ts';
import type { Clock, Editable, Section } from './section.ts';

/** Entries by the id of an account or group: 66 hex digits. */
export interface Collection<R> {
  /** All entries in the order of their ids. What does not fit is left out, but stays where it is. */
  list(): (R & { readonly id: string })[];
  get(id: string): R | null;
  /**
   * Entries that say something else than in earlier data of the same config, in the order of their ids. Costs little
   * where the two share most of what they hold, or were both received.
   */
  changedSince(earlier: Dict): Changed<R>[];
  /** Changes what is given; makes the entry if there is none. @throws ConfigError `value`; then nothing is changed. */
  set(id: string, changes: Partial<R>): void;
  /** Removes an entry with all it holds, known or not. Returns whether there was one. */
  erase(id: string): boolean;
}

/** What became of an entry; `null` where there is none. */
export interface Changed<R> {
  readonly id: string;
  readonly before: R | null;
  readonly after: R | null;
}

/** Entries under one key of a config, by ids with one of the prefixes. */
export function collection<F>(
  key: string,
  prefixes: readonly IdPrefix[],
  description: RecordDescription<F>,
): Section<Collection<RecordOf<F>>> {
  return {
    path: `${key} → id (${prefixes.join(', ')}) →`,
    rows: description.rows,
    open: (config: Editable, clock: Clock) => {
      const context = (id: string): FieldContext => ({ id, now: clock?.() ?? null });
      const entriesOf = (data: Dict): Dict => {
        const entries = data.get(key);
        return isDict(entries) ? entries : EMPTY_DICT;
      };
      return {
        list: () => {
          const entries = entriesOf(config.data);
          return entries.keys.flatMap((entryKey, index) => {
            const id = keyToId(entryKey, prefixes);
            const entry = entries.values[index];
            return id !== null && isDict(entry) ? [{ id, ...description.read(entry, context(id)) }] : [];
          });
        },
        get: (id) => {
          const entry = getIn(config.data, [key, idToKey(id, prefixes)]);
          return isDict(entry) ? description.read(entry, context(id)) : null;
        },
        changedSince: (earlier) => {
          const read = (entry: Value | undefined, id: string) =>
            isDict(entry) ? description.read(entry, context(id)) : null;
          const changed: Changed<RecordOf<F>>[] = [];
          forEachKey(entriesOf(earlier), entriesOf(config.data), (entryKey, before, after) => {
            if (before === after || isSameEncoded(before, after)) return;
            const id = keyToId(entryKey, prefixes);
            if (id === null || !(isDict(before) || isDict(after))) return;
            changed.push({ id, before: read(before, id), after: read(after, id) });
          });
          return changed;
        },
        set: (id, changes) => {
          const path = [key, idToKey(id, prefixes)];
          config.edit((data) => {
            const entry = getIn(data, path);
            const before = isDict(entry) ? entry : EMPTY_DICT;
            const after = description.write(before, changes, context(id.toLowerCase()));
            return after === before ? data : setIn(data, path, after);
          });
        },
        erase: (id) => {
          const path = [key, idToKey(id, prefixes)];
          return config.edit((data) => eraseIn(data, path));
        },
      };
    },
  };
}
