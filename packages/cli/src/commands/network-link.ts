import { networkLink } from '@sotto/directory';
import { toString as qrCode } from 'qrcode';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { writeNewFile } from '../network/write-new-file.ts';
import { readAnyNetworkFile } from '../network-file.ts';
import { printJson, say } from '../output.ts';

interface LinkArguments {
  readonly file: string;
  readonly qr: boolean;
  readonly image: string | undefined;
  readonly json: boolean;
}

/** `sotto network link`: a network file in the form that is pasted, scanned or printed. */
export const networkLinkCommand: CommandModule<object, LinkArguments> = {
  command: 'link <file>',
  describe: 'Print the link of a network, which people open or scan in the app instead of the file',
  builder: (parser) =>
    parser
      .positional('file', { type: 'string', demandOption: true, describe: 'Network file' })
      .option('qr', { type: 'boolean', default: false, describe: 'Show a QR code too; default on a wide terminal' })
      .option('image', {
        type: 'string',
        requiresArg: true,
        describe: 'Write the QR code to this SVG file, to print it',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }) as never,
  async handler({ file, qr, image, json }) {
    const network = readAnyNetworkFile(file);
    const link = networkLink(network);
    if (image !== undefined) writeNewFile(image, await codeOf(link, 'svg'), '--image');
    if (json) return printJson({ name: network.name, link, ...(image !== undefined && { image }) });
    if (qr) say(await codeOf(link, 'terminal'));
    else if (process.stdout.isTTY) {
      const code = await codeOf(link, 'terminal').catch(() => null);
      if (code !== null && widthOf(code) <= process.stdout.columns) say(code);
    }
    process.stdout.write(`${link}\n`);
  },
};

/** Upper-case letters take fewer squares. */
async function codeOf(link: string, type: 'terminal' | 'svg'): Promise<string> {
  const options = type === 'svg' ? { type } : { type, small: true };
  return await qrCode(link.toUpperCase(), { ...options, errorCorrectionLevel: 'L' }).catch(() => {
    throw new CommandFailure('The network file is too large for a QR code. Pass the link or the file on instead.');
  });
}

function widthOf(code: string): number {
  return Math.max(...code.split('\n').map((line) => [...line.replaceAll(/\p{Cc}\[[\d;]*m/gu, '')].length));
}
