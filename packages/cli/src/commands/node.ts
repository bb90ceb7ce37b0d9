import type { CommandModule } from 'yargs';
import { gatherSettings } from '../node/config-file.ts';
import { processOptions } from '../node/node-options.ts';
import { runNode } from '../node/run-node.ts';
import { settingOptions } from '../node/settings.ts';
import { nodeBackupCommand, nodeRestoreCommand } from './node-backup.ts';
import { nodeJoinCommand } from './node-join.ts';
import { nodeStatusCommand } from './node-status.ts';

/** `sotto node`: one storage node. Its log goes to standard error, its events to standard output as lines of JSON. */
export const nodeCommand: CommandModule<object, Readonly<Record<string, unknown>>> = {
  command: 'node',
  describe: 'Run one node of a network: --network FILE for a network of your own, --oxend ADDRESS for one with a chain',
  builder: (parser) =>
    parser
      // Their options are their own, so those below are not global.
      .command(nodeJoinCommand)
      .command(nodeStatusCommand)
      .command(nodeBackupCommand)
      .command(nodeRestoreCommand)
      .option('config', {
        global: false,
        type: 'string',
        requiresArg: true,
        describe: 'TOML file with these settings by the same names',
      })
      .options(settingOptions())
      .epilogue('Each can also be set by an environment variable such as SOTTO_NODE_HTTPS_PORT') as never,
  handler: async (given) => runNode(await processOptions(gatherSettings(given))),
};
