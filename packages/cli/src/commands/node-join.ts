import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { openDataFolder } from '../data-folder.ts';
import { readNetworkFile } from '../network-file.ts';
import { settleJoinPlace } from '../node/join-place.ts';
import { hostFor, processOptions } from '../node/node-options.ts';
import { runNode } from '../node/run-node.ts';
import { settingOptions, settingsOfOptions } from '../node/settings.ts';

/** `sotto node join`: everything that an operator of a node does; the second time, without the invite. */
export const nodeJoinCommand: CommandModule<object, { readonly data: string | undefined; readonly file: string }> = {
  command: 'join <file>',
  describe: 'Run a node that joins the network of a network file by itself',
  builder: (parser) =>
    parser
      .positional('file', { type: 'string', demandOption: true, describe: 'Network file or sotto: link' })
      .option('data', { type: 'string' })
      .options(
        settingOptions(['folder', 'invite', 'address', 'host', 'https-port', 'omq-port', 'metrics-port', 'log-level']),
      )
      .option('json', { type: 'boolean', describe: 'Events are always printed as lines of JSON' })
      .epilogue('Without --folder it keeps its keys and messages in the folder "node" of the data folder') as never,
  async handler({ data, file, ...options }) {
    const given = settingsOfOptions(options);
    const folder = given.folder ?? join(openDataFolder(data).path, 'node');
    const place = await settleJoinPlace(folder, readNetworkFile(file), given);
    const host = given.host ?? hostFor(place.address);
    await runNode(await processOptions({ 'log-level': 'warn', ...given, folder, host, network: file }));
  },
};
