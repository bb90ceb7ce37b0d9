import type { FieldContext } from './field.ts';
import type { RecordDescription, RecordOf } from './record.ts';
import type { Clock, Editable, Section } from './section.ts';

/** Reads and changes the fields at the top of a config. */
export interface Single<R> {
  get(): R;
  /** Changes what is given. @throws ConfigError `value`; then nothing is changed. */
  set(changes: Partial<R>): void;
}

/** The fields at the top of a config. */
export function single<F>(description: RecordDescription<F>): Section<Single<RecordOf<F>>> {
  return {
    path: '',
    rows: description.rows,
    open: (config: Editable, clock: Clock) => {
      const context = (): FieldContext => ({ id: '', now: clock?.() ?? null });
      return {
        get: () => description.read(config.data, context()),
        set: (changes) => {
          config.edit((data) => description.write(data, changes, context()));
        },
      };
    },
  };
}
