import type { CommandModule } from 'yargs';
import { printJson, say } from '../output.ts';
import { openSession, type ProfileArguments, withProfileOptions } from '../session.ts';
import { stopSignal } from '../stop-signal.ts';

interface ListenArguments extends ProfileArguments {
  readonly json: boolean;
}

/** `sotto listen [--json]`: prints messages as they arrive, until it is stopped. */
export const listenCommand: CommandModule<object, ListenArguments> = {
  command: 'listen',
  describe: 'Print messages as they arrive',
  builder: (parser) =>
    withProfileOptions(parser).option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print one line of JSON a message',
    }),
  async handler(options) {
    const stop = stopSignal();
    const engine = await openSession(options);
    try {
      const changes = engine.changes(stop);
      if (options.json) printJson({ event: 'ready', accountId: engine.account().accountId });
      else say(`Listening as ${engine.account().name}. Ctrl-C ends it.`);
      for await (const change of changes) {
        if (change.kind !== 'message' || change.message.direction !== 'in') continue;
        const { id, conversationId, author, sentAt, body } = change.message;
        if (options.json) printJson({ event: 'message', id, conversationId, author, sentAt, body });
        else process.stdout.write(`${engine.conversation(conversationId)?.name ?? author}: ${body}\n`);
      }
    } finally {
      await engine.close();
    }
  },
};
