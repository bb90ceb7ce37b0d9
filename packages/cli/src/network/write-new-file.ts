import { writeFileSync } from 'node:fs';
import { CommandFailure } from '../failure.ts';

/** Writes a file that must not be there yet. @throws CommandFailure */
export function writeNewFile(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new CommandFailure(`${path} exists already. Name another file with --file.`);
    throw new CommandFailure(`Cannot write ${path} (${code}).`);
  }
}
