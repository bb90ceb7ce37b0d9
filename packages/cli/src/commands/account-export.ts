import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { printJson, say } from '../output.ts';
import { openSession, type SessionArguments, withSessionOptions } from '../session.ts';

interface ExportArguments extends SessionArguments {
  readonly conversation: string;
  readonly to: string;
  readonly json: boolean;
}

/** `sotto account export` */
export const exportCommand: CommandModule<object, ExportArguments> = {
  command: 'export <conversation>',
  describe: 'Write a conversation as a page with its files, to be read in a browser; NOT encrypted',
  builder: (parser) =>
    withSessionOptions(parser)
      .positional('conversation', { type: 'string', demandOption: true, describe: 'Account id of the other side' })
      .option('to', { type: 'string', demandOption: true, requiresArg: true, describe: 'A new folder for it' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }),
  async handler(options) {
    const folder = resolve(options.to);
    const engine = await openSession(options);
    try {
      if (!engine.conversation(options.conversation)) {
        throw new CommandFailure('There is no conversation with this account id in the profile.');
      }
      const report = await engine.exportConversation(options.conversation, folder).catch((error: unknown) => {
        const { code } = error as { code?: unknown };
        throw code === 'not-allowed' ? new CommandFailure(`${folder} cannot be written, or is not empty.`) : error;
      });
      if (options.json) return printJson({ ...report });
      say('This is NOT encrypted: whoever can read the folder can read the conversation.');
      if (report.missingFiles > 0) say(`Not on this device, and not in it: ${report.missingFiles} files.`);
      process.stdout.write(`${report.page}\n`);
    } finally {
      await engine.close();
    }
  },
};
