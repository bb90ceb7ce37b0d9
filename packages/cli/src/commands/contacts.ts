import type { Conversation, Engine } from '@sotto/client';
import type { Argv, CommandModule } from 'yargs';
import { printable, printJson, say } from '../output.ts';
import { type SessionArguments, withSessionOptions } from '../session.ts';
import { conversationWith, untilShared, withSession } from '../with-session.ts';

interface ListArguments extends SessionArguments {
  readonly requests: boolean;
  readonly json: boolean;
}

interface OneArguments extends SessionArguments {
  readonly whom: string;
}

interface NameArguments extends OneArguments {
  readonly nickname: string | undefined;
}

const list: CommandModule<object, ListArguments> = {
  command: 'list',
  describe: 'Print who is known, or who asks to be',
  builder: (parser) =>
    withSessionOptions(parser)
      .option('requests', { type: 'boolean', default: false, describe: 'Those who wrote and wait for an answer' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON a person' }),
  async handler(options) {
    await withSession(options, (engine) => {
      const people = options.requests
        ? engine.conversations().filter(({ isRequest, isBlocked }) => isRequest && !isBlocked)
        : engine.contacts().map(({ accountId, ...contact }) => ({ ...contact, id: accountId }));
      for (const person of people) {
        const { id: accountId, name, nickname, isBlocked } = person;
        if (options.json) printJson({ accountId, name, nickname, isBlocked });
        else process.stdout.write(`${accountId}  ${printable(name ?? 'no name')}${isBlocked ? ' (blocked)' : ''}\n`);
      }
    });
  },
};

const WHOM = { type: 'string', demandOption: true, describe: 'Account id of the person' } as const;

const withPerson = (parser: Argv): Argv<OneArguments> => withSessionOptions(parser).positional('whom', WHOM);

const name: CommandModule<object, NameArguments> = {
  command: 'name <whom> [nickname]',
  describe: 'Call somebody what you like; without a name, what they call themselves',
  builder: (parser) => withPerson(parser).positional('nickname', { type: 'string', describe: 'In quotes' }) as never,
  handler: (options) =>
    changed(options, (engine) => {
      engine.setNickname(conversationWith(engine, options.whom).id, options.nickname ?? null);
      return `Called ${printable(conversationWith(engine, options.whom).name ?? 'no name')} now.`;
    }),
};

/** A command that does one thing with one conversation. */
function one(
  verb: string,
  describe: string,
  done: string,
  act: (engine: Engine, conversation: Conversation) => void,
): CommandModule<object, OneArguments> {
  return {
    command: `${verb} <whom>`,
    describe,
    builder: withPerson,
    handler: (options) =>
      changed(options, (engine) => {
        act(engine, conversationWith(engine, options.whom));
        return done;
      }),
  };
}

const accept = one('accept', 'Accept somebody who wrote to you', 'Accepted. They will be told.', (engine, { id }) =>
  engine.acceptRequest(id),
);
const decline = one(
  'decline',
  'Remove a request and what it brought',
  'Declined. They are not told.',
  (engine, { id }) => engine.declineRequest(id),
);
const unblock = one('unblock', 'Hear from somebody again', 'Not blocked any more.', (engine, { id }) =>
  engine.setBlocked(id, false),
);

const block: CommandModule<object, OneArguments> = {
  command: 'block <whom>',
  describe: 'Hear nothing from somebody any more, known or not',
  builder: withPerson,
  handler: (options) =>
    changed(options, (engine) => {
      engine.setBlocked(options.whom, true);
      return 'Blocked. They are not told.';
    }),
};

/** `sotto contacts list | name | accept | decline | block | unblock` */
export const contactsCommand: CommandModule = {
  command: 'contacts',
  describe: 'Show, name, accept or block people',
  builder: (parser) =>
    [list, name, accept, decline, block, unblock]
      .reduce((all, command) => all.command(command as CommandModule), parser)
      .demandCommand(1, 'Say list, name, accept, decline, block or unblock.'),
  handler: () => undefined,
};

/** Changes something and waits for a while until the account's other devices can know. */
async function changed(options: SessionArguments, change: (engine: Engine) => string): Promise<void> {
  await withSession(options, async (engine) => {
    const done = change(engine);
    const isShared = await untilShared(engine);
    say(isShared ? done : `${done} The network could not be reached; the rest happens when Sotto runs again.`);
  });
}
