import type { Dict } from '../values/index.ts';
import type { Field, FieldContext, FieldRow, ValueOf } from './field.ts';

/** Fields by the names that programs use. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a dict with these fields says. */
export type RecordOf<F> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** A dict that has known fields, and perhaps others that are left alone. */
export interface RecordDescription<F> {
  readonly rows: readonly FieldRow[];
  read(dict: Dict, context: FieldContext): RecordOf<F>;
  /** Writes what is given and leaves the rest as it is. @throws ConfigError `value`; then nothing is changed. */
  write(dict: Dict, changes: Partial<RecordOf<F>>, context: FieldContext): Dict;
}

/**
 * Describes a dict by its fields. `afterwards` is for rules between fields: it sees the dict before and after what was
 * written.
 */
export function record<const F extends Fields>(
  fields: F,
  afterwards: (before: Dict, after: Dict, context: FieldContext) => Dict = (_, after) => after,
): RecordDescription<F> {
  const entries = Object.entries(fields) as [string, Field<unknown>][];
  return {
    rows: entries.map(([, field]) => field.row),
    read: (dict, context) =>
      Object.fromEntries(entries.map(([name, field]) => [name, field.read(dict, context)])) as RecordOf<F>,
    write: (dict, changes, context) => {
      const given = changes as Readonly<Record<string, unknown>>;
      const written = entries.reduce((state, [name, field]) => {
        if (Object.hasOwn(given, name) && given[name] !== undefined) return field.write(state, given[name], context);
        return field.always ? field.write(state, field.read(state, context), context) : state;
      }, dict);
      return written === dict ? dict : afterwards(dict, written, context);
    },
  };
}
