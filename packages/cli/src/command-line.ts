import { EngineError } from '@sotto/client';
import { DirectoryError } from '@sotto/directory';
import yargs, { type CommandModule } from 'yargs';
import { accountCommand } from './commands/account.ts';
import { appCommand } from './commands/app.ts';
import { doctorCommand } from './commands/doctor.ts';
import { listenCommand } from './commands/listen.ts';
import { nodeCommand } from './commands/node.ts';
import { sendCommand } from './commands/send.ts';
import { upCommand } from './commands/up.ts';
import { ENGINE_SENTENCES } from './engine-sentences.ts';
import { CommandFailure, USAGE_EXIT_CODE } from './failure.ts';
import { say } from './output.ts';

const COMMANDS = [upCommand, appCommand, nodeCommand, accountCommand, sendCommand, listenCommand, doctorCommand];

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
    .parserConfiguration({ 'duplicate-arguments-array': false })
    .completion('completion', 'Print a completion script for bash or zsh')
    .version('0.1.0')
    .alias({ help: 'h' })
    .epilogue('For developers: sotto test, sotto check, sotto bench\nDocumentation: docs/cli.md')
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((sentence, error) => {
      throw error ?? new CommandFailure(`${sentence.replace(/\.?$/, '.')} See: sotto --help`, USAGE_EXIT_CODE);
    });
  for (const command of COMMANDS) parser = parser.command(command as CommandModule);
  try {
    await parser.parseAsync();
    return 0;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
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
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    say('sotto: The disk is full. Free some space and try again.');
    return 1;
  }
  say(
    `sotto: Something went wrong that Sotto does not know about: ${error instanceof Error ? error.stack : String(error)}`,
  );
  return 1;
}
