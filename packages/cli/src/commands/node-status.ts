import { askControl } from '@sotto/node';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { gatherSettings } from '../node/config-file.ts';
import { describeStatus } from '../node/describe-status.ts';
import { folderOf } from '../node/node-options.ts';
import { settingOptions } from '../node/settings.ts';

/** `sotto node status`: how the node fares that runs on a folder. */
export const nodeStatusCommand: CommandModule<object, { readonly json: boolean | undefined }> = {
  command: 'status',
  describe: 'Show how the node fares that runs on a folder',
  builder: (parser) =>
    parser
      .option('config', { type: 'string', requiresArg: true, describe: "The node's TOML file, which names its folder" })
      .options(settingOptions(['folder']))
      .option('json', { type: 'boolean', describe: 'Print everything as one line of JSON' }) as never,
  async handler({ json, ...options }) {
    const folder = folderOf(gatherSettings(options));
    const status = await askControl(folder);
    if (!status) {
      throw new CommandFailure(`No node that you may ask runs on ${folder}. Is it started, and are you its user?`);
    }
    process.stdout.write(json ? `${JSON.stringify(status)}\n` : describeStatus(status, Date.now()));
  },
};
