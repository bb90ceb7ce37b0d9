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
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  // Only now does the terminal not show what is typed.
  process.stderr.write(question);
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

/** The first line of a file that holds a passphrase. @throws CommandFailure if it cannot be read or is empty. */
export function readPassphraseFile(path: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`Cannot read the passphrase file ${path}.`);
  }
  const passphrase = content.split(/\r?\n/, 1)[0]!;
  if (passphrase === '') throw new CommandFailure(`The first line of the passphrase file ${path} is empty.`);
  return passphrase;
}
