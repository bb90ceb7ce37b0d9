import { createProfile, type Engine, restoreProfile } from '@sotto/client';
import type { CommandModule } from 'yargs';
import { printable, printJson, say } from '../output.ts';
import { givenProxy, type ProxyArguments, withProxyOption } from '../proxy-option.ts';
import { untilRestored } from '../restoring.ts';
import { readSecret } from '../secret-input.ts';
import { findProfile, givenPassphrase, openSession, type SessionArguments, withSessionOptions } from '../session.ts';
import { backupCommand, restoreBackupCommand } from './account-backup.ts';
import { checkCommand } from './account-check.ts';
import { exportCommand } from './account-export.ts';
import { accountLinkCommand } from './account-link.ts';

/** How long a restored account is waited for. */
const PATIENCE_MS = 60_000;

interface CreateArguments extends SessionArguments, ProxyArguments {
  readonly name: string;
}

interface RestoreArguments extends SessionArguments, ProxyArguments {
  readonly name: string | undefined;
}

interface ShowArguments extends SessionArguments {
  readonly json: boolean;
  readonly phrase: boolean;
}

const create: CommandModule<object, CreateArguments> = {
  command: 'create',
  describe: 'Make a new account and show its recovery phrase',
  builder: (parser) =>
    withProxyOption(withSessionOptions(parser)).option('name', {
      type: 'string',
      demandOption: true,
      requiresArg: true,
      describe: 'What people call you',
    }),
  async handler(options) {
    await using session = closing(
      await createProfile({
        ...findProfile(options),
        passphrase: givenPassphrase(options),
        proxy: givenProxy(options),
        name: options.name,
      }),
    );
    say('Your account id, to give to the people who may write to you:');
    process.stdout.write(`${session.engine.account().accountId}\n`);
    say('\nYour recovery phrase. Write it down and keep it where only you find it:');
    process.stdout.write(`${session.engine.recoveryPhrase()}\n`);
  },
};

const restore: CommandModule<object, RestoreArguments> = {
  command: 'restore',
  describe: 'Bring an account back from its recovery phrase (typed, or from standard input)',
  builder: (parser) =>
    withProxyOption(withSessionOptions(parser)).option('name', {
      type: 'string',
      requiresArg: true,
      describe: 'What people call you',
    }),
  async handler(options) {
    const proxy = givenProxy(options);
    const place = { ...findProfile(options), passphrase: givenPassphrase(options), proxy };
    const phrase = await readSecret('Recovery phrase (13 words): ');
    const name = options.name === undefined ? {} : { name: options.name };
    await using session = closing(await restoreProfile({ ...place, phrase, ...name }));
    const { engine } = session;
    const isComplete = await untilRestored(engine, say, PATIENCE_MS);
    if (isComplete) say(`Restored: ${printable(engine.account().name) || 'no name yet'}, ${contactsOf(engine)}.`);
    else say('The account is here. The network has not given everything yet; the rest comes when the messenger runs.');
    process.stdout.write(`${engine.account().accountId}\n`);
  },
};

const show: CommandModule<object, ShowArguments> = {
  command: 'show',
  describe: 'Show the account id and name, on request the recovery phrase',
  builder: (parser) =>
    withSessionOptions(parser)
      .option('phrase', { type: 'boolean', default: false, describe: 'Show the recovery phrase too' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }),
  async handler(options) {
    await using session = closing(await openSession(options));
    const { accountId, name } = session.engine.account();
    const phrase = options.phrase ? session.engine.recoveryPhrase() : undefined;
    if (options.json) return printJson({ accountId, name, ...(phrase && { recoveryPhrase: phrase }) });
    process.stdout.write(`${printable(name)}\n${accountId}\n${phrase ? `${phrase}\n` : ''}`);
  },
};

/** `sotto account create | restore | show | link | backup | restore-backup | export | check` */
export const accountCommand: CommandModule = {
  command: 'account',
  describe: 'Create, restore, show, back up or check an account',
  builder: (parser) =>
    parser
      .command(create)
      .command(restore)
      .command(show)
      .command(accountLinkCommand)
      .command(backupCommand)
      .command(restoreBackupCommand)
      .command(exportCommand)
      .command(checkCommand)
      .demandCommand(1, 'Say create, restore, show, link, backup, restore-backup, export or check.'),
  handler: () => undefined,
};

function contactsOf(engine: Engine): string {
  const { length } = engine.contacts().filter(({ isBlocked }) => !isBlocked);
  return length === 1 ? '1 contact' : `${length} contacts`;
}

function closing(engine: Engine): AsyncDisposable & { readonly engine: Engine } {
  return { engine, [Symbol.asyncDispose]: () => engine.close() };
}
