import type { Dict } from '../values/index.ts';
import { isDict, setIn } from '../values/index.ts';
import { describeConfig } from './describe.ts';
import { type Field, integerAt } from './field.ts';
import { record } from './record.ts';
import { integer } from './scalars.ts';
import { single } from './single.ts';

/** Local: settings of one device, in the same form but never pushed (config §9.5). */
export const local = describeConfig({
  name: 'Local',
  namespace: null,
  kind: null,
  sections: {
    local: single(
      record({
        notifyContent: integer('notify_content', 'how much notifications show', 'nonzero'),
        notifySound: integer('notify_sound', 'sound of notifications', 'nonzero'),
        theme: integer('theme', 'light or dark', 'nonzero'),
        themeColor: integer('theme_primary_color', 'main colour', 'nonzero'),
        settings: switches('settings', 'settings that are on or off, by name'),
      }),
    ),
  },
});

/** Named switches; the others are left as they are. */
function switches(key: string, meaning: string): Field<ReadonlyMap<string, boolean>> {
  return {
    row: { keys: [key], type: 'dict of name → 0 or 1', rule: 'writing leaves names that are not given', meaning },
    read: (dict) => {
      const found = dict.get(key);
      if (!isDict(found)) return new Map();
      return new Map(found.keys.map((name) => [nameOf(name), integerAt(found, name) === 1]));
    },
    write: (dict: Dict, value) =>
      [...value].reduce((state, [name, on]) => setIn(state, [key, keyOf(name)], on ? 1n : 0n), dict),
  };
}

function keyOf(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

function nameOf(key: string): string {
  return Buffer.from(key, 'latin1').toString('utf8');
}
