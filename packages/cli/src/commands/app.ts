import { buildPage, HostError, startHost } from '@sotto/app';
import type { CommandModule } from 'yargs';
import { onEnter } from '../enter-key.ts';
import { CommandFailure } from '../failure.ts';
import { portNumber } from '../numbers.ts';
import { openPage } from '../open-page.ts';
import { printJson, say } from '../output.ts';
import { lookForProfile, type ProfileArguments, withProfileOptions } from '../session.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

interface AppArguments extends ProfileArguments {
  readonly port: number;
  readonly 'no-open': boolean;
  readonly json: boolean;
}

/** `sotto app`: the messenger of one profile, for a network that runs elsewhere. */
export const appCommand: CommandModule<object, AppArguments> = {
  command: 'app',
  describe: 'Open the messenger of one profile, in a network that already runs; asks for one if none is known',
  builder: (parser) =>
    withProfileOptions(parser)
      .option('port', {
        type: 'number',
        requiresArg: true,
        default: 0,
        describe: 'Port of the page; 0: as last time, else any free one',
      })
      .option('no-open', { type: 'boolean', default: false, describe: 'Do not open a browser' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON when ready' }),
  async handler(options) {
    const port = portNumber('--port', options.port, 0);
    const stop = stopSignal();
    const place = { ...lookForProfile(options), keepNetwork: options.network !== undefined };
    await buildPage();
    const host = await startHost({ ...place, port }).catch((error: unknown) => {
      throw error instanceof HostError ? new CommandFailure(error.message) : error;
    });
    try {
      const tell = (event: 'ready' | 'link', url: string) => {
        if (options.json) printJson({ event, profile: options.profile, url });
        else
          say(
            event === 'ready'
              ? `Sotto is at ${url}\nThe link works once. Press Enter for a new one, Ctrl-C to end.`
              : url,
          );
      };
      tell('ready', host.url);
      if (!options['no-open']) await openPage(host.url);
      using _ = onEnter(() => tell('link', host.newLink()));
      await aborted(stop);
    } finally {
      await host.close();
    }
  },
};
