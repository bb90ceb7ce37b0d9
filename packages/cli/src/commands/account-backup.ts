import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { restoreBackup } from '@sotto/client';
import type { Argv, CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { printJson, say } from '../output.ts';
import { givenProxy, type ProxyArguments, withProxyOption } from '../proxy-option.ts';
import { readPassphraseFile, readSecret } from '../secret-input.ts';
import { findProfile, givenPassphrase, openSession, type SessionArguments, withSessionOptions } from '../session.ts';

interface BackupArguments extends SessionArguments {
  readonly file: string;
  readonly backupPassphraseFile: string | undefined;
  readonly json: boolean;
}

/** `sotto account backup` */
export const backupCommand: CommandModule<object, BackupArguments> = {
  command: 'backup <file>',
  describe: 'Write everything of a profile, files included, into one encrypted file',
  builder: withBackupOptions,
  async handler(options) {
    const file = resolve(options.file);
    if (existsSync(file)) throw new CommandFailure(`There is a file ${file} already. Name another one.`);
    const engine = await openSession(options);
    try {
      const passphrase = await newPassphrase(options);
      await write(file, engine.backUp(passphrase));
    } finally {
      await engine.close();
    }
    if (options.json) return printJson({ file });
    say('Backed up. Without its passphrase nobody opens it, you included: keep both, in different places.');
    process.stdout.write(`${file}\n`);
  },
};

/** `sotto account restore-backup` */
export const restoreBackupCommand: CommandModule<object, BackupArguments & ProxyArguments> = {
  command: 'restore-backup <file>',
  describe: 'Make a profile of a backup',
  builder: (parser) => withProxyOption(withBackupOptions(parser)),
  async handler(options) {
    if (!existsSync(options.file)) throw new CommandFailure(`There is no file ${options.file}.`);
    const proxy = givenProxy(options);
    const place = { ...findProfile(options), passphrase: givenPassphrase(options), proxy };
    const backupPassphrase = givenBackupPassphrase(options) ?? (await readSecret('Passphrase of the backup: '));
    const engine = await restoreBackup({ ...place, backup: createReadStream(options.file), backupPassphrase });
    const { accountId } = engine.account();
    await engine.close();
    if (options.json) return printJson({ accountId });
    say('Restored.');
    process.stdout.write(`${accountId}\n`);
  },
};

function withBackupOptions(parser: Argv): Argv<BackupArguments> {
  return withSessionOptions(parser)
    .positional('file', { type: 'string', demandOption: true, describe: 'The backup' })
    .option('backup-passphrase-file', {
      type: 'string',
      requiresArg: true,
      describe: 'File that holds the passphrase of the backup; else it is asked for, or read from standard input',
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print one line of JSON',
    }) as unknown as Argv<BackupArguments>;
}

function givenBackupPassphrase({ backupPassphraseFile }: BackupArguments): string | undefined {
  return backupPassphraseFile === undefined ? undefined : readPassphraseFile(backupPassphraseFile);
}

async function newPassphrase(options: BackupArguments): Promise<string> {
  const given = givenBackupPassphrase(options);
  if (given !== undefined) return given;
  const typed = await readSecret('Passphrase for the backup: ');
  if (typed === '') throw new CommandFailure('A backup needs a passphrase.');
  if (process.stdin.isTTY && (await readSecret('Once more: ')) !== typed) {
    throw new CommandFailure('The two passphrases differ. Nothing was written.');
  }
  return typed;
}

/** What is under its name is complete. */
async function write(file: string, backup: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${file}.part`;
  try {
    await pipeline(Readable.from(backup), createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }));
    renameSync(part, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new CommandFailure(`Remove ${part} first.`);
    rmSync(part, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES') throw new CommandFailure(`Cannot write ${file}.`);
    throw error;
  }
}
