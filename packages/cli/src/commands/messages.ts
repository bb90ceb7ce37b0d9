import type { Engine, Message } from '@sotto/client';
import type { CommandModule } from 'yargs';
import { messageInJson, messageInLines } from '../messages-in-lines.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson } from '../output.ts';
import { type SessionArguments, withSessionOptions } from '../session.ts';
import { conversationWith, withSession } from '../with-session.ts';

interface MessagesArguments extends SessionArguments {
  readonly whom: string;
  readonly limit: number;
  readonly json: boolean;
}

interface SearchArguments extends SessionArguments {
  readonly words: readonly string[];
  readonly with: string | undefined;
  readonly files: boolean;
  readonly limit: number;
  readonly json: boolean;
}

/** The most that the engine gives at once. */
const MOST = 200;

/** `sotto messages ACCOUNT_ID`: the newest messages of a conversation, with what answers and files are named by. */
export const messagesCommand: CommandModule<object, MessagesArguments> = {
  command: 'messages <whom>',
  describe: 'Print the newest messages of a conversation',
  builder: (parser) =>
    withSessionOptions(parser)
      .positional('whom', { type: 'string', demandOption: true, describe: 'Account id of the person' })
      .option('limit', { type: 'number', default: 50, requiresArg: true, describe: 'How many at most (1 to 200)' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON a message' }),
  async handler(options) {
    const limit = wholeNumber('--limit', options.limit, 1, MOST);
    await withSession(options, (engine) => {
      const { id } = conversationWith(engine, options.whom);
      print(engine, engine.messages(id, { limit }).messages, options.json);
    });
  },
};

/** `sotto search WORD …`: searches the messages on this machine. */
export const searchCommand: CommandModule<object, SearchArguments> = {
  command: 'search <words..>',
  describe: 'Search the messages on this machine',
  builder: (parser) =>
    withSessionOptions(parser)
      .positional('words', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Words that must occur; the last one may be a beginning',
      })
      .option('with', { type: 'string', requiresArg: true, describe: 'Only the conversation with this account id' })
      .option('files', { type: 'boolean', default: false, describe: 'Only messages with files' })
      .option('limit', { type: 'number', default: 50, requiresArg: true, describe: 'How many at most (1 to 200)' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON a message' }) as never,
  async handler(options) {
    const limit = wholeNumber('--limit', options.limit, 1, MOST);
    await withSession(options, (engine) => {
      const hits = engine.search({
        text: options.words.join(' '),
        limit,
        ...(options.with !== undefined && { conversationId: conversationWith(engine, options.with).id }),
        ...(options.files && { hasAttachment: true }),
      });
      print(
        engine,
        hits.map(({ message }) => message),
        options.json,
      );
    });
  },
};

function print(engine: Engine, messages: readonly Message[], json: boolean): void {
  for (const message of messages) {
    if (json) printJson(messageInJson(message));
    else {
      const time = new Date(message.sentAt).toISOString().slice(0, 16).replace('T', ' ');
      process.stdout.write(`${message.id}  ${time}  ${messageInLines(engine, message)}\n`);
    }
  }
}
