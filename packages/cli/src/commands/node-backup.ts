import { readFileSync, writeFileSync } from 'node:fs';
import { backUpNodeKeys, NodeError, restoreNodeKeys } from '@sotto/node';
import { bytesToHex } from '@sotto/wire/bytes';
import type { Argv, CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { gatherSettings } from '../node/config-file.ts';
import { folderOf } from '../node/node-options.ts';
import { settingOptions } from '../node/settings.ts';
import { printJson, say } from '../output.ts';
import { readPassphraseFile, readSecret } from '../secret-input.ts';

interface BackupArguments {
  readonly file: string;
  readonly passphraseFile: string | undefined;
}

const LEAST_PASSPHRASE = 8;

/** `sotto node backup`: the keys of a node, sealed by a passphrase. */
export const nodeBackupCommand: CommandModule<object, BackupArguments> = {
  command: 'backup <file>',
  describe: "Write a node's keys to a file, sealed by a passphrase",
  builder: (parser) => commonOptions(parser, 'File to write; it must not be there yet'),
  async handler({ file, passphraseFile, ...options }) {
    const folder = folderOf(gatherSettings(options));
    const passphrase = await readPassphrase(passphraseFile, 'Passphrase for the backup: ');
    if (passphrase.length < LEAST_PASSPHRASE) {
      throw new CommandFailure(`The passphrase must have at least ${LEAST_PASSPHRASE} characters.`);
    }
    const isTyped = passphraseFile === undefined && process.stdin.isTTY;
    if (isTyped && (await readSecret('Once more: ')) !== passphrase) {
      throw new CommandFailure('These are two different passphrases. Nothing was written.');
    }
    writeBackup(file, await plainly(backUpNodeKeys(folder, passphrase)));
    printJson({ event: 'backed-up', file });
    say('Keep the file and the passphrase in different places. Both together are the node.');
  },
};

/** `sotto node restore`: the keys of a backup, for a folder that has none. */
export const nodeRestoreCommand: CommandModule<object, BackupArguments> = {
  command: 'restore <file>',
  describe: "Take a node's keys from a backup into a folder that has none",
  builder: (parser) => commonOptions(parser, 'File that "sotto node backup" wrote'),
  async handler({ file, passphraseFile, ...options }) {
    const folder = folderOf(gatherSettings(options));
    const backup = readBackup(file);
    const passphrase = await readPassphrase(passphraseFile, 'Passphrase of the backup: ');
    printJson({ event: 'restored', ed25519: bytesToHex(await plainly(restoreNodeKeys(folder, backup, passphrase))) });
    say('Start the node on one machine only: two with the same keys are each taken for the other.');
  },
};

function commonOptions(parser: Argv, file: string): never {
  return parser
    .positional('file', { type: 'string', demandOption: true, describe: file })
    .option('config', { type: 'string', requiresArg: true, describe: "The node's TOML file, which names its folder" })
    .options(settingOptions(['folder']))
    .option('passphrase-file', {
      type: 'string',
      requiresArg: true,
      describe: 'File whose first line is the passphrase; default: it is asked for, or read from standard input',
    }) as never;
}

async function readPassphrase(file: string | undefined, question: string): Promise<string> {
  return file === undefined ? readSecret(question) : readPassphraseFile(file);
}

function writeBackup(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new CommandFailure(`${file} exists already. Name another file.`);
    throw new CommandFailure(`Cannot write ${file} (${code}).`);
  }
}

function readBackup(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailure(`Cannot read ${file} (${(error as NodeJS.ErrnoException).code}).`);
  }
}

async function plainly<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof NodeError ? new CommandFailure(error.message, 1, { cause: error }) : error;
  }
}
