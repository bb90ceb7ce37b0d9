import { randomBytes } from 'node:crypto';
import { createInvite, inviteText } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { toString as qrCode } from 'qrcode';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { type AuthorityArguments, asAuthority, withAuthorityOptions } from '../network/authority-place.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson, say } from '../output.ts';

const DAY = 86_400_000;

interface InviteArguments extends AuthorityArguments {
  readonly count: number;
  readonly days: number;
  readonly qr: boolean;
  readonly json: boolean;
}

/** `sotto network invite`: codes that let one node in each. */
export const networkInviteCommand: CommandModule<object, InviteArguments> = {
  command: 'invite',
  describe: 'Make codes that let one node in each',
  builder: (parser) =>
    withAuthorityOptions(parser)
      .option('count', { type: 'number', default: 1, requiresArg: true, describe: 'How many' })
      .option('days', { type: 'number', default: 30, requiresArg: true, describe: 'For how long they can be used' })
      .option('qr', { type: 'boolean', default: false, describe: 'Show QR codes too; default on a terminal' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON a code' }) as never,
  async handler(options) {
    const count = wholeNumber('--count', options.count, 1, 1000);
    const expiry = Date.now() + wholeNumber('--days', options.days, 1, 3650) * DAY;
    await asAuthority(options, async ({ keys, networkId, deciding, file }) => {
      const own = bytesToHex(keys.publicKey);
      if (!deciding.authorities.some(({ key }) => key === own)) {
        throw new CommandFailure('This authority does not decide in the network, so nobody would take its codes.');
      }
      if (file.parameters.join !== 'invite') say(`Nodes need no code in this network (${file.parameters.join}).`);
      for (let made = 0; made < count; made++) {
        const code = inviteText(createInvite(networkId, keys, expiry, randomBytes));
        if (options.json) printJson({ code, expiry });
        else {
          if (options.qr || process.stdout.isTTY) say(await qrCode(code, { type: 'terminal', small: true }));
          process.stdout.write(`${code}\n`);
        }
      }
      if (!options.json) say('Each works once. The operator runs: sotto node join FILE --invite CODE');
    });
  },
};
