import { ConfigError } from '../errors.ts';
import { type Dict, EMPTY_DICT, eraseIn, getIn, isDict, setIn } from '../values/index.ts';
import { normalizeBaseUrl } from './community.ts';
import { bytesAt, type FieldContext } from './field.ts';
import type { RecordDescription, RecordOf } from './record.ts';
import type { Clock, Editable, Section } from './section.ts';

const KEY_BYTES = 32;
const PUBLIC_KEY = '#';
const ENTRIES = 'R';

/** Which entry of which server. */
export interface ServerEntry {
  readonly baseUrl: string;
  /** X25519 key of the server, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The name of the room, or the id, within the server. */
  readonly name: string;
}

/** Entries of community servers. */
export interface PerServer<R> {
  /** All entries, by server and name. What does not fit is left out, but stays where it is. */
  list(): (R & ServerEntry)[];
  get(baseUrl: string, name: string): (R & ServerEntry) | null;
  /** Changes what is given; makes the entry if there is none. @throws ConfigError `value` or `community`. */
  set(entry: ServerEntry, changes: Partial<R>): void;
  /** Removes an entry, and the server with its last one. Returns whether there was one. */
  erase(baseUrl: string, name: string): boolean;
}

/**
 * Entries under one key of a config, by server and then by name. `normalize` makes the key of a name, and throws
 * ConfigError for what is none; the context's id is the name as it was given.
 */
export function perServer<F>(
  key: string,
  nameOf: string,
  normalize: (name: string) => string,
  description: RecordDescription<F>,
): Section<PerServer<RecordOf<F>>> {
  const entryPath = (baseUrl: string, name: string): string[] => [
    key,
    normalizeBaseUrl(baseUrl),
    ENTRIES,
    normalize(name),
  ];
  return {
    path: `${key} → base URL → ${PUBLIC_KEY} server key, ${ENTRIES} → ${nameOf} →`,
    rows: description.rows,
    open: (config: Editable, clock: Clock) => {
      const context = (id: string): FieldContext => ({ id, now: clock?.() ?? null });
      const read = (baseUrl: string, server: Dict, name: string): (RecordOf<F> & ServerEntry) | null => {
        const publicKey = bytesAt(server, PUBLIC_KEY, KEY_BYTES);
        const entry = getIn(server, [ENTRIES, name]);
        if (!publicKey || !isDict(entry)) return null;
        return { ...description.read(entry, context(name)), baseUrl, publicKey, name };
      };
      return {
        list: () => {
          const servers = config.data.get(key);
          if (!isDict(servers)) return [];
          return servers.keys.flatMap((baseUrl, index) => {
            const server = servers.values[index];
            const names = isDict(server) ? server.get(ENTRIES) : undefined;
            if (!isDict(server) || !isDict(names)) return [];
            return names.keys.flatMap((name) => read(baseUrl, server, name) ?? []);
          });
        },
        get: (baseUrl, name) => {
          const [, server, , normalized] = entryPath(baseUrl, name);
          const found = getIn(config.data, [key, server!]);
          return isDict(found) ? read(server!, found, normalized!) : null;
        },
        set: ({ baseUrl, publicKey, name }, changes) => {
          if (publicKey.length !== KEY_BYTES) throw new ConfigError('value', 'the key of a server has 32 bytes');
          const path = entryPath(baseUrl, name);
          config.edit((data) => {
            const entry = getIn(data, path);
            const before = isDict(entry) ? entry : EMPTY_DICT;
            const after = description.write(before, changes, context(name));
            const written = after === before ? data : setIn(data, path, after);
            return setIn(written, [key, path[1]!, PUBLIC_KEY], publicKey);
          });
        },
        erase: (baseUrl, name) => {
          const path = entryPath(baseUrl, name);
          return config.edit((data) => {
            const erased = eraseIn(data, path);
            const entriesLeft = getIn(erased, path.slice(0, -1));
            return erased === data || entriesLeft !== undefined ? erased : eraseIn(erased, path.slice(0, 2));
          });
        },
      };
    },
  };
}
