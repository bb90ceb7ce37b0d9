import type { CommandModule } from 'yargs';
import { printable, printJson, say } from '../output.ts';
import { openSession, type SessionArguments, withSessionOptions } from '../session.ts';
import { stopSignal } from '../stop-signal.ts';

interface ListenArguments extends SessionArguments {
  readonly json: boolean;
}

/** `sotto listen [--json]`: prints messages as they arrive, until it is stopped. */
export const listenCommand: CommandModule<object, ListenArguments> = {
  command: 'listen',
  describe: 'Print messages as they arrive',
  builder: (parser) =>
    withSessionOptions(parser).option('json', {
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
        else
          process.stdout.write(
            `${printable(engine.conversation(conversationId)?.name ?? author)}: ${indented(body)}\n`,
          );
      }
    } finally {
      await engine.close();
    }
  },
};

/** So that no line of a message looks as if somebody else had written it. */
function indented(body: string): string {
  return body.split(/\r?\n/).map(printable).join('\n  ');
}
