import { toString as qrCode } from 'qrcode';
import type { CommandModule } from 'yargs';
import { wholeNumber } from '../numbers.ts';
import { printJson, say } from '../output.ts';
import { type SessionArguments, withSessionOptions } from '../session.ts';
import { withSession } from '../with-session.ts';

const DAY_MS = 86_400_000;

interface LinkArguments extends SessionArguments {
  readonly days: number;
  readonly qr: boolean;
  readonly json: boolean;
}

/** `sotto account link`: a link by which somebody may write at once, without a request. */
export const accountLinkCommand: CommandModule<object, LinkArguments> = {
  command: 'link',
  describe: 'Print a contact link: one person who has it may write to you at once',
  builder: (parser) =>
    withSessionOptions(parser)
      .option('days', {
        type: 'number',
        default: 30,
        requiresArg: true,
        describe: 'How long it is good for (1 to 366)',
      })
      .option('qr', { type: 'boolean', default: false, describe: 'Show a QR code too' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }),
  async handler(options) {
    const days = wholeNumber('--days', options.days, 1, 366);
    await withSession(options, async (engine) => {
      const link = engine.createContactLink({ validForMs: days * DAY_MS });
      if (options.json) return printJson({ link, days });
      // Upper-case letters take fewer squares.
      if (options.qr)
        say(await qrCode(link.toUpperCase(), { type: 'terminal', small: true, errorCorrectionLevel: 'L' }));
      process.stdout.write(`${link}\n`);
    });
  },
};
