import type { Settings } from '../engine.ts';
import type { Database } from './database.ts';

const DEFAULTS: Settings = {
  theme: 'system',
  language: 'en',
  phraseConfirmed: false,
  readReceipts: false,
  typingIndicators: false,
  linkPreviews: false,
  notifications: true,
  notificationContent: 'name',
  proxy: null,
};
const NAMES = Object.keys(DEFAULTS) as (keyof Settings)[];
/** Written as they are; everything else is JSON. */
const TEXTS: ReadonlySet<keyof Settings> = new Set(['theme', 'language']);

/** Settings of this profile; each is one row, so that one version does not lose what another one wrote. */
export class SettingsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  read(): Settings {
    const stored = new Map(
      this.#database.all('SELECT name, value FROM settings').map(({ name, value }) => [name, value as string]),
    );
    const known = NAMES.filter((name) => stored.has(name)).map((name) => {
      const value = stored.get(name)!;
      return [name, TEXTS.has(name) ? value : JSON.parse(value)];
    });
    return { ...DEFAULTS, ...Object.fromEntries(known) };
  }

  write(settings: Partial<Settings>): void {
    this.#database.transaction(() => {
      for (const name of NAMES) {
        const value = settings[name];
        if (value !== undefined) this.#put(name, TEXTS.has(name) ? String(value) : JSON.stringify(value));
      }
    });
  }

  #put(name: string, value: string): void {
    this.#database.run(
      'INSERT INTO settings (name, value) VALUES (@name, @value) ON CONFLICT DO UPDATE SET value = @value',
      { name, value },
    );
  }
}
