import { text as readAll } from 'node:stream/consumers';
import type { Engine, FailureReason, Message } from '@sotto/client';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { printJson, say } from '../output.ts';
import { openSession, type SessionArguments, withSessionOptions } from '../session.ts';

interface SendArguments extends SessionArguments {
  readonly to: string;
  readonly text: string | undefined;
  readonly timeout: number;
  readonly json: boolean;
}

const WHY: Record<FailureReason, string> = {
  offline: 'this machine is offline',
  'network-unreachable': 'no relay of the network answers',
  refused: 'the network refused the message',
  'clock-wrong': 'the clock of this machine is wrong',
  'too-long': 'the message is too long',
  'attachment-lost': 'an attachment is no longer here',
  'no-file-server': 'the network has no server for files',
  cancelled: 'it was stopped',
};

/** `sotto send ACCOUNT_ID [TEXT]`: sends one message and waits until the network keeps it. */
export const sendCommand: CommandModule<object, SendArguments> = {
  command: 'send <to> [text]',
  describe: 'Send a message; without TEXT it is read from standard input',
  builder: (parser) =>
    withSessionOptions(parser)
      .positional('to', { type: 'string', demandOption: true, describe: 'Account id of the person' })
      .positional('text', {
        type: 'string',
        describe: 'What to say, in quotes; after -- it may begin with a dash',
      })
      .option('timeout', {
        type: 'number',
        default: 60,
        requiresArg: true,
        describe: 'Seconds to wait; then it stays queued',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' })
      .check(({ timeout }) => {
        if (!(timeout > 0 && timeout <= 86_400)) throw new CommandFailure('--timeout takes 1 to 86400 seconds.', 2);
        return true;
      }),
  async handler(options) {
    const body = options.text ?? (options['--'] as string[] | undefined)?.join(' ') ?? (await readBody());
    const engine = await openSession(options);
    try {
      const conversation = engine.openConversation(options.to);
      const sent = await settled(engine, conversation.id, body, options.timeout * 1000);
      if (options.json) printJson({ ...sent });
      else if (sent.delivery === 'stored') say('Sent.');
      if (sent.delivery === 'failed')
        throw new CommandFailure(`Not sent: ${WHY[sent.failure ?? 'network-unreachable']}.`);
      if (sent.delivery !== 'stored')
        throw new CommandFailure('Not sent yet. The message is queued and leaves when Sotto runs again.');
    } finally {
      await engine.close();
    }
  },
};

/** Standard input, without the line end that programs put last. */
async function readBody(): Promise<string> {
  if (process.stdin.isTTY) say('Write the message, then press Ctrl-D on a line of its own.');
  return (await readAll(process.stdin)).replace(/\r?\n$/, '');
}

/** The message once it is stored or has failed for good, or as it stands when the time is up. */
async function settled(engine: Engine, conversationId: string, body: string, timeoutMs: number): Promise<Message> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const changes = engine.changes(deadline);
  let message = engine.send(conversationId, body);
  for await (const change of changes) {
    if (change.kind === 'message' && change.message.id === message.id) message = change.message;
    if (message.delivery === 'stored' || message.delivery === 'failed') break;
  }
  return message;
}
