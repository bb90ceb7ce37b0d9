import type { CommandModule } from 'yargs';
import { openDataFolder } from '../data-folder.ts';
import { HIGHEST_PORT, wholeNumber } from '../numbers.ts';
import { stopSignal } from '../stop-signal.ts';
import { jsonReport } from '../up/json-report.ts';
import { plainReport } from '../up/plain-report.ts';
import { runUp } from '../up/run-up.ts';

interface UpArguments {
  readonly data: string | undefined;
  readonly people: number;
  readonly nodes: number | undefined;
  readonly port: number | undefined;
  readonly 'no-open': boolean;
  readonly json: boolean;
}

/** Three relays and a mailbox are four nodes; one more lets a message go round a node that is down. */
const FEWEST_NODES = 5;
const MOST_NODES = 100;
const MOST_PEOPLE = 9;

/** `sotto up`: a private network on this machine and the messenger. */
export const upCommand: CommandModule<object, UpArguments> = {
  command: 'up',
  describe: 'Start a private network on this machine and open the messenger',
  builder: (parser) =>
    parser
      .option('data', { type: 'string' })
      .option('people', {
        type: 'number',
        requiresArg: true,
        default: 1,
        describe: 'How many people, each with a page',
      })
      .option('nodes', { type: 'number', requiresArg: true, describe: 'How many nodes; 9 in a new network' })
      .option('port', {
        type: 'number',
        requiresArg: true,
        describe: 'Port of the first page, the others follow; default: as last time, else any free ones',
      })
      .option('no-open', { type: 'boolean', default: false, describe: 'Do not open a browser' })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print one line of JSON when ready, then one an event',
      }),
  async handler({ data, people, nodes, port, 'no-open': noOpen, json }) {
    wholeNumber('--people', people, 1, MOST_PEOPLE);
    if (nodes !== undefined) wholeNumber('--nodes', nodes, FEWEST_NODES, MOST_NODES);
    if (port !== undefined) wholeNumber('--port', port, 1, HIGHEST_PORT - people + 1);
    await runUp({
      data: openDataFolder(data),
      people,
      nodes,
      port,
      open: !noOpen,
      report: json ? jsonReport() : plainReport(),
      stop: stopSignal(),
    });
  },
};
