import type { Engine, Message } from '@sotto/client';
import type { CommandModule } from 'yargs';
import { messageInJson, messageInLines } from '../messages-in-lines.ts';
import { printable, printJson, say } from '../output.ts';
import { openSession, type SessionArguments, withSessionOptions } from '../session.ts';
import { stopSignal } from '../stop-signal.ts';

/** The most that the engine gives at once. */
const MOST = 200;

interface ListenArguments extends SessionArguments {
  readonly from: readonly string[] | undefined;
  readonly notices: boolean;
  readonly json: boolean;
}

/** `sotto listen`: prints messages that are unread, and then those that arrive, until it is stopped. */
export const listenCommand: CommandModule<object, ListenArguments> = {
  command: 'listen',
  describe: 'Print messages as they arrive',
  builder: (parser) =>
    withSessionOptions(parser)
      .option('from', { type: 'string', array: true, requiresArg: true, describe: 'Only of these account ids' })
      .option('notices', { type: 'boolean', default: false, describe: 'Missed calls and other notices, too' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON a message' }),
  async handler(options) {
    const stop = stopSignal();
    const from = options.from && new Set(options.from.map((id) => id.trim().toLowerCase()));
    const isWanted = ({ direction, kind, author }: Message) =>
      direction === 'in' && (kind === 'message' || options.notices) && (!from || from.has(author));
    const engine = await openSession(options);
    try {
      const changes = engine.changes(stop);
      if (options.json) printJson({ event: 'ready', accountId: engine.account().accountId });
      else say(`Listening as ${printable(engine.account().name)}. Ctrl-C ends it.`);
      const printed = new Set<string>();
      const print = (message: Message) => {
        if (printed.has(message.id)) return;
        printed.add(message.id);
        if (options.json) printJson({ event: 'message', ...messageInJson(message) });
        else process.stdout.write(`${messageInLines(engine, message)}\n`);
      };
      // What came while another command used the profile, and nobody has read.
      for (const { id } of engine.conversations()) printUnread(id);
      for await (const change of changes) {
        if (change.kind === 'message' && change.isNew && isWanted(change.message)) print(change.message);
        else if (change.kind === 'conversation') printUnread(change.conversationId);
      }

      /** Whoever has seen it here has read it. */
      function printUnread(conversationId: string): void {
        const unread = unreadMessages(engine, conversationId).filter(isWanted);
        for (const message of unread) print(message);
        if (unread.length > 0) engine.markRead(conversationId);
      }
    } finally {
      await engine.close();
    }
  },
};

/** The newest that others wrote, as many as are unread, oldest first. */
function unreadMessages(engine: Engine, conversationId: string): readonly Message[] {
  const count = Math.min(engine.conversation(conversationId)?.unread ?? 0, MOST);
  if (count === 0) return [];
  const { messages } = engine.messages(conversationId, { limit: MOST });
  return messages.filter(({ direction }) => direction === 'in').slice(-count);
}
