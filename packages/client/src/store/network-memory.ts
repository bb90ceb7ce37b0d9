import type { NetworkMemory } from '../network/memory.ts';
import type { Database } from './database.ts';

/** Keeps what the network floor remembers (directory, guards) in the profile's database. */
export function networkMemory(database: Database): NetworkMemory {
  return {
    read: (name) =>
      (database.get('SELECT value FROM network WHERE name = @name', { name })?.value ?? null) as Uint8Array | null,
    write: (name, value) => {
      database.run(
        'INSERT INTO network (name, value) VALUES (@name, @value) ON CONFLICT DO UPDATE SET value = @value',
        { name, value },
      );
    },
  };
}
