import { AuthorityFolder } from '@sotto/authority';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import {
  type AuthorityArguments,
  authorityFolder,
  plainFailure,
  withFolderOption,
} from '../network/authority-place.ts';
import { printJson, say } from '../output.ts';

type ListName = 'admitted' | 'refused';

interface ListArguments extends Pick<AuthorityArguments, 'data' | 'folder'> {
  readonly keys: readonly string[];
  readonly undo: boolean;
  readonly json: boolean;
}

/** `sotto network admit`: nodes that this authority lets into a network of listed nodes. */
export const networkAdmitCommand = listCommand('admit', 'admitted', 'Let nodes into a network of listed nodes');

/** `sotto network refuse`: nodes that this authority keeps out of any network. */
export const networkRefuseCommand = listCommand('refuse', 'refused', 'Keep nodes out, whatever lets them in');

function listCommand(word: string, name: ListName, describe: string): CommandModule<object, ListArguments> {
  return {
    command: `${word} [keys..]`,
    describe: `${describe}; without keys, show the list`,
    builder: (parser) =>
      withFolderOption(parser)
        // Elsewhere the last of several values counts; here every one does.
        .parserConfiguration({ 'duplicate-arguments-array': true })
        .positional('keys', { type: 'string', array: true, default: [], describe: 'Ed25519 keys of nodes, in hex' })
        .option('undo', { type: 'boolean', default: false, describe: 'Take the nodes off the list' })
        .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }) as never,
    async handler(options) {
      const keys = options.keys.map((key) => key.toLowerCase());
      const wrong = keys.find((key) => !/^[0-9a-f]{64}$/.test(key));
      if (wrong !== undefined) throw new CommandFailure(`"${wrong}" is not a node's key of 64 hex digits.`, 2);
      try {
        const folder = new AuthorityFolder(authorityFolder(options));
        const list = new Set((await folder.lists())[name]);
        for (const key of keys) options.undo ? list.delete(key) : list.add(key);
        if (keys.length > 0) await folder.saveList(name, list);
        if (options.json) return printJson({ list: name, keys: [...list] });
        for (const key of list) process.stdout.write(`${key}\n`);
        if (keys.length > 0) say('It holds within some minutes, if more than half of the authorities do the same.');
      } catch (error) {
        throw plainFailure(error);
      }
    },
  };
}
