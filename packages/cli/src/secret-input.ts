import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandFailure } from './failure.ts';

/**
 * Reads a secret without showing it: a hidden prompt on a terminal, otherwise all of standard input.
 * Secrets never come in through the command line, which other users of the machine can see.
 */
export async function readSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).trim();
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return await new Promise<string>((resolve, reject) => {
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => reject(new CommandFailure('Stopped.', 130)));
    lines.question('', (answer) => {
      process.stderr.write('\n');
      resolve(answer.trim());
      lines.close();
    });
  });
}

/** The first line of a file that holds a passphrase. @throws CommandFailure if it cannot be read. */
export function readPassphraseFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/, 1)[0]!;
  } catch {
    throw new CommandFailure(`Cannot read the passphrase file ${path}.`);
  }
}
