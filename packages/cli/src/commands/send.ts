import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import type { Draft, Engine, FailureReason, Message, OutgoingAttachment } from '@sotto/client';
import { lookup } from 'mrmime';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { printJson, say } from '../output.ts';
import { type SessionArguments, withSessionOptions } from '../session.ts';
import { openWith, withSession } from '../with-session.ts';

interface SendArguments extends SessionArguments {
  readonly to: string;
  readonly text: string | undefined;
  readonly attach: readonly string[] | undefined;
  readonly replyTo: string | undefined;
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

/** `sotto send TO [TEXT]`: sends one message and waits until the network keeps it. */
export const sendCommand: CommandModule<object, SendArguments> = {
  command: 'send <to> [text]',
  describe: 'Send a message; without TEXT and files it is read from standard input',
  builder: (parser) =>
    withSessionOptions(parser)
      .positional('to', {
        type: 'string',
        demandOption: true,
        describe: 'Account id of the person, or their contact link',
      })
      .positional('text', {
        type: 'string',
        describe: 'What to say, in quotes; after -- it may begin with a dash',
      })
      .option('attach', { type: 'string', array: true, requiresArg: true, describe: 'Files to send with it' })
      .option('reply-to', { type: 'string', requiresArg: true, describe: 'Id of the message that it answers' })
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
      }) as never,
  async handler(options) {
    const paths = options.attach ?? [];
    const given = options.text ?? (options['--'] as string[] | undefined)?.join(' ');
    const body = given ?? (paths.length > 0 ? '' : await readBody());
    await withSession(options, async (engine) => {
      const attachments: OutgoingAttachment[] = [];
      for (const path of paths) attachments.push(await keep(engine, path));
      const draft = { body, attachments, ...(options.replyTo && { quotedMessageId: options.replyTo }) };
      const sent = await settled(engine, openWith(engine, options.to).id, draft, options.timeout * 1000);
      if (options.json) printJson({ ...sent });
      else if (sent.delivery === 'stored') say('Sent.');
      if (sent.delivery === 'failed')
        throw new CommandFailure(`Not sent: ${WHY[sent.failure ?? 'network-unreachable']}.`);
      if (sent.delivery !== 'stored')
        throw new CommandFailure('Not sent yet. The message is queued and leaves when Sotto runs again.');
    });
  },
};

/** Standard input, without the line end that programs put last. */
async function readBody(): Promise<string> {
  if (process.stdin.isTTY) say('Write the message, then press Ctrl-D on a line of its own.');
  return (await readAll(process.stdin)).replace(/\r?\n$/, '');
}

/** Takes a file into the profile. @throws CommandFailure, EngineError `too-large` */
async function keep(engine: Engine, path: string): Promise<OutgoingAttachment> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new CommandFailure(`There is no file ${path}.`);
  if (found.size === 0) throw new CommandFailure(`The file ${path} is empty.`);
  const file = await engine.keepFile(createReadStream(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') throw new CommandFailure(`The file ${path} cannot be read.`);
    throw error;
  });
  return { file, contentType: lookup(path) ?? 'application/octet-stream', fileName: basename(path) };
}

/** The message once it is stored or has failed for good, or as it stands when the time is up. */
async function settled(engine: Engine, conversationId: string, draft: Draft, timeoutMs: number): Promise<Message> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const changes = engine.changes(deadline);
  let message = engine.send(conversationId, draft);
  for await (const change of changes) {
    if (change.kind === 'message' && change.message.id === message.id) message = change.message;
    if (message.delivery === 'stored' || message.delivery === 'failed') break;
  }
  return message;
}
