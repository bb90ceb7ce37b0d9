import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Attachment, type Engine, EngineError } from '@sotto/client';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { printJson, say } from '../output.ts';
import { type SessionArguments, withSessionOptions } from '../session.ts';
import { withSession } from '../with-session.ts';

interface SaveArguments extends SessionArguments {
  readonly file: string;
  readonly as: string;
  readonly timeout: number;
  readonly json: boolean;
}

/** `sotto save FILE_ID --as PATH`: loads a file that came with a message, and writes it where one says. */
export const saveCommand: CommandModule<object, SaveArguments> = {
  command: 'save <file>',
  describe: 'Save a file that came with a message',
  builder: (parser) =>
    withSessionOptions(parser)
      .positional('file', { type: 'string', demandOption: true, describe: 'Its id, as messages and listen print it' })
      // The name that a stranger gave it never decides where it goes.
      .option('as', { type: 'string', demandOption: true, requiresArg: true, describe: 'Where to; a new file' })
      .option('timeout', { type: 'number', default: 60, requiresArg: true, describe: 'Seconds to wait for it' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' })
      .check(({ timeout }) => {
        if (!(timeout > 0 && timeout <= 86_400)) throw new CommandFailure('--timeout takes 1 to 86400 seconds.', 2);
        return true;
      }),
  async handler(options) {
    await withSession(options, async (engine) => {
      const bytes = await load(engine, options.file, options.timeout * 1000);
      const path = resolve(options.as);
      await writeFile(path, bytes, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOSPC') throw error;
        if (error.code === 'EEXIST') throw new CommandFailure(`${path} is there already. Name another with --as.`);
        throw new CommandFailure(`${path} cannot be written (${error.code}).`);
      });
      if (options.json) printJson({ file: options.file, path, size: bytes.length });
      else say(`Saved ${bytes.length} bytes as ${path}. Think before you open what others send.`);
    });
  },
};

async function load(engine: Engine, id: string, timeoutMs: number): Promise<Uint8Array> {
  const changes = engine.changes(AbortSignal.timeout(timeoutMs));
  engine.downloadAttachment(id);
  const here = await engine.readAttachment(id).catch(onlyMissing);
  if (here) return here;
  for await (const change of changes) {
    if (change.kind !== 'attachment' || change.attachment.id !== id) continue;
    if (isLost(change.attachment)) throw new CommandFailure('The file is no longer to be had.');
    if (change.attachment.state === 'here') return await engine.readAttachment(id);
  }
  throw new CommandFailure('The file has not come in time. Try again later.');
}

function isLost({ state }: Attachment): boolean {
  return state === 'lost';
}

/** It is still on its way. */
function onlyMissing(error: unknown): null {
  if (error instanceof EngineError && error.code === 'not-found') return null;
  throw error;
}
