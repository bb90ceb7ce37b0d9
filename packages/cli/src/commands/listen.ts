import type { CommandModule } from 'yargs';
import { messageInJson, messageInLines } from '../messages-in-lines.ts';
import { printable, printJson, say } from '../output.ts';
import { openSession, type SessionArguments, withSessionOptions } from '../session.ts';
import { stopSignal } from '../stop-signal.ts';

interface ListenArguments extends SessionArguments {
  readonly from: readonly string[] | undefined;
  readonly notices: boolean;
  readonly json: boolean;
}

/** `sotto listen`: prints messages as they arrive, until it is stopped. */
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
    const engine = await openSession(options);
    try {
      const changes = engine.changes(stop);
      if (options.json) printJson({ event: 'ready', accountId: engine.account().accountId });
      else say(`Listening as ${printable(engine.account().name)}. Ctrl-C ends it.`);
      for await (const change of changes) {
        if (change.kind !== 'message' || !change.isNew) continue;
        const { message } = change;
        if (message.direction !== 'in' || (message.kind !== 'message' && !options.notices)) continue;
        if (from && !from.has(message.author)) continue;
        if (options.json) printJson({ event: 'message', ...messageInJson(message) });
        else process.stdout.write(`${messageInLines(engine, message)}\n`);
      }
    } finally {
      await engine.close();
    }
  },
};
