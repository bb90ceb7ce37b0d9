import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The test vectors of one subject, for tests only: the project's copy, or the file of the same name in the folder
 * that SOTTO_VECTORS names.
 */
export function loadVectors<Vectors>(name: string): Vectors {
  const folder = process.env.SOTTO_VECTORS ?? join(import.meta.dirname, '../../vectors');
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Vectors;
}
