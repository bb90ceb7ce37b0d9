import type { Settings } from '../engine.ts';
import type { Database } from './database.ts';

const DEFAULTS: Settings = { theme: 'system', language: 'en', phraseConfirmed: false };

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
    const theme = stored.get('theme');
    return {
      theme: theme === 'light' || theme === 'dark' ? theme : DEFAULTS.theme,
      language: stored.get('language') ?? DEFAULTS.language,
      phraseConfirmed: stored.get('phraseConfirmed') === 'true',
    };
  }

  write(settings: Partial<Settings>): void {
    this.#database.transaction(() => {
      for (const name of Object.keys(DEFAULTS) as (keyof Settings)[]) {
        const value = settings[name];
        if (value !== undefined) this.#put(name, String(value));
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
