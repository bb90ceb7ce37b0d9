import { writeFileSync } from 'node:fs';
import { CommandFailure } from '../failure.ts';

/** Writes a file that must not be there yet; `option` is the one that names another. @throws CommandFailure */
export function writeNewFile(path: string, text: string, option = '--file'): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new CommandFailure(`${path} exists already. Name another file with ${option}.`);
    throw new CommandFailure(`Cannot write ${path} (${code}).`);
  }
}
