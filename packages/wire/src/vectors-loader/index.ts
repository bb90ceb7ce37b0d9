import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The test vectors of one subject, for tests only: the project's copy, or the file of the same name in the folder
 * that SOTTO_VECTORS names.
 * @throws Error that names the file, if it cannot be read or has no list of cases.
 */
export function loadVectors<Vectors extends { readonly cases: readonly unknown[] }>(name: string): Vectors {
  const folder = process.env.SOTTO_VECTORS || join(import.meta.dirname, '../../vectors');
  const file = join(folder, `${name}.json`);
  const vectors = readJson(file) as Vectors | null;
  if (!Array.isArray(vectors?.cases)) throw new Error(`test vectors ${file}: there is no list of cases`);
  return vectors;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`test vectors ${file}: ${(error as Error).message}`, { cause: error });
  }
}
