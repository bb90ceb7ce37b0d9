import { EngineError } from '@sotto/client';
import { DirectoryError } from '@sotto/directory';
import yargs, { type CommandModule } from 'yargs';
import { accountCommand } from './commands/account.ts';
import { appCommand } from './commands/app.ts';
import { contactsCommand } from './commands/contacts.ts';
import { doctorCommand } from './commands/doctor.ts';
import { filesCommand } from './commands/files.ts';
import { listenCommand } from './commands/listen.ts';
import { messagesCommand, searchCommand } from './commands/messages.ts';
import { networkCommand } from './commands/network.ts';
import { nodeCommand } from './commands/node.ts';
import { saveCommand } from './commands/save.ts';
import { sendCommand } from './commands/send.ts';
import { upCommand } from './commands/up.ts';
import { ENGINE_SENTENCES } from './engine-sentences.ts';
import { CommandFailure, USAGE_EXIT_CODE } from './failure.ts';
import { say } from './output.ts';

const COMMANDS = [
  upCommand,
  appCommand,
  networkCommand,
  nodeCommand,
  filesCommand,
  accountCommand,
  contactsCommand,
  sendCommand,
  listenCommand,
  messagesCommand,
  searchCommand,
  saveCommand,
  doctorCommand,
];

/** Where yargs itself says it less plainly. */
const PLAIN_STRINGS = {
  'Not enough arguments following: %s': '--%s needs a value',
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'Something is missing: %s given, at least %s needed',
    other: 'Something is missing: %s given, at least %s needed',
  },
  'Unknown argument: %s': { one: 'This is not known here: %s', other: 'These are not known here: %s' },
};

/** Options that name a file, a folder or an address. */
const OPTIONS_WITH_A_PLACE = [
  'data',
  'network',
  'folder',
  'host',
  'file',
  'passphrase-file',
  'config',
  'backup-passphrase-file',
  'to',
  'as',
];

/**
 * Runs one command line (without program and script) and gives its exit code: 0 done, 1 failed, 2 wrong usage.
 * A failure that a person can act on is one sentence on standard error.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  let parser = yargs([...words])
    .scriptName('sotto')
    .usage('Usage: $0 <command> [options]\n\nA private messenger that nobody owns.')
    .option('data', { type: 'string', global: true, requiresArg: true, describe: 'Folder for everything Sotto keeps' })
    .demandCommand(1, 'Name a command. The first one to try is: sotto up')
    .strict()
    .updateStrings(PLAIN_STRINGS as never)
    .parserConfiguration({ 'duplicate-arguments-array': false, 'boolean-negation': false, 'populate--': true })
    .check(refuseEmptyValues, true)
    .completion('completion', 'Print a completion script for bash or zsh', completeWord)
    .version('0.1.0')
    .alias({ help: 'h' })
    .epilogue('For developers: sotto test, sotto check, sotto bench\nDocumentation: docs/cli.md')
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((sentence, error) => {
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new CommandFailure(`${sentence.replace(/\.?$/, '.')} See: sotto --help`, USAGE_EXIT_CODE);
    });
  for (const command of COMMANDS) parser = parser.command(command as CommandModule);
  try {
    await parser.parseAsync();
    return 0;
  } catch (error) {
    return explain(error);
  }
}

/** An empty value is a variable of a script that was not set; a folder named so would be the current one. */
function refuseEmptyValues(options: Readonly<Record<string, unknown>>): true {
  const empty = OPTIONS_WITH_A_PLACE.find((name) => options[name] === '');
  if (empty !== undefined) throw new CommandFailure(`--${empty} needs a value.`, USAGE_EXIT_CODE);
  return true;
}

/** After an option that names a file or folder no word is offered, so that the shell offers its files. */
function completeWord(
  _word: string,
  _options: unknown,
  offerUsual: (whenDone: (error: Error | null, words: string[] | undefined) => void) => void,
  offer: (words: string[]) => void,
): void {
  const previous = process.argv.at(-2);
  if (OPTIONS_WITH_A_PLACE.some((name) => previous === `--${name}`)) offer([]);
  else offerUsual((_error, words) => offer(words ?? []));
}

function explain(error: unknown): number {
  if (isDiskFull(error)) {
    say(`sotto: ${ENGINE_SENTENCES['disk-full']}`);
    return 1;
  }
  if (error instanceof CommandFailure) {
    say(`sotto: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof EngineError) {
    say(`sotto: ${ENGINE_SENTENCES[error.code]}`);
    return 1;
  }
  if (error instanceof DirectoryError) {
    say(`sotto: The network cannot be used: ${error.message}.`);
    return 1;
  }
  const what = error instanceof Error ? (process.env.SOTTO_DEBUG ? error.stack : error.message) : String(error);
  say(`sotto: Something went wrong that Sotto does not know about: ${what}`);
  return 1;
}

/** Whether a full disk is at the bottom of it. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'ENOSPC') || isDiskFull(error.cause);
}
