import type { CommandModule } from 'yargs';
import { type AuthorityArguments, authorityFolder, originOf, withFolderOption } from '../network/authority-place.ts';
import { ownAuthorityKey } from '../network/own-key.ts';
import { printJson, say } from '../output.ts';

interface KeyArguments extends Pick<AuthorityArguments, 'data' | 'folder'> {
  readonly url: string;
  readonly json: boolean;
}

/** `sotto network key`: the key of an authority to be, for whoever makes the network or adds it. */
export const networkKeyCommand: CommandModule<object, KeyArguments> = {
  command: 'key',
  describe: 'Make the key of a further authority and print what others need to know of it',
  builder: (parser) =>
    withFolderOption(parser)
      .option('url', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Where this authority will be reached: https://host:port',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }) as never,
  async handler(options) {
    const url = originOf('--url', options.url);
    const folder = authorityFolder(options);
    const key = await ownAuthorityKey(folder);
    if (options.json) return printJson({ key, url, folder });
    say(`The secret half is in ${folder}. Keep a copy of its file authority.key in a safe place.`);
    say('Give this line to those who make the network, or who add this authority:');
    process.stdout.write(`${key}@${url}\n`);
  },
};
