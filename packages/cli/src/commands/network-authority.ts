import { startVotingAuthority } from '@sotto/authority';
import { createLog, type LogLevel } from '@sotto/node';
import type { CommandModule } from 'yargs';
import { CommandFailure, USAGE_EXIT_CODE } from '../failure.ts';
import {
  type AuthorityArguments,
  asAuthority,
  authorityFolder,
  plainFailure,
  withAuthorityOptions,
} from '../network/authority-place.ts';
import { readNetworkFile } from '../network-file.ts';
import { portNumber, wholeNumber } from '../numbers.ts';
import { printJson } from '../output.ts';
import { aborted, stopSignal } from '../stop-signal.ts';
import { authorityAddCommand, authorityRemoveCommand, authorityReplaceCommand } from './network-succession.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[];
const DEFAULT_PORT = 443;
const NOT_NAMED = 'The network does not name this authority yet, so say where it shall listen: --port P';

interface RunArguments extends AuthorityArguments {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly round: number;
  readonly logLevel: LogLevel;
}

/** `sotto network authority`: runs one. Its log goes to standard error, its events to standard output. */
export const networkAuthorityCommand: CommandModule<object, RunArguments> = {
  command: 'authority',
  describe: 'Run an authority of a network, or change who the authorities are',
  builder: (parser) =>
    withAuthorityOptions(parser)
      .command(authorityAddCommand)
      .command(authorityRemoveCommand)
      .command(authorityReplaceCommand)
      .option('host', {
        global: false,
        type: 'string',
        requiresArg: true,
        describe: 'Address to listen on; default: all, or only this machine if the network file has it there',
      })
      .option('port', {
        global: false,
        type: 'number',
        requiresArg: true,
        describe: 'Default: that of the network file',
      })
      .option('round', {
        global: false,
        type: 'number',
        default: 3600,
        requiresArg: true,
        describe: 'Seconds from one list of nodes to the next, the same at all authorities',
      })
      .option('log-level', {
        global: false,
        choices: LOG_LEVELS,
        default: 'info' as const,
        describe: 'How much to log',
      })
      .option('json', {
        global: false,
        type: 'boolean',
        describe: 'Events are always printed as lines of JSON',
      }) as never,
  async handler(options) {
    const round = wholeNumber('--round', options.round, 1, 86_400);
    if (options.port !== undefined) portNumber('--port', options.port, 0);
    const networkFile = readNetworkFile(options.network);
    const place = await asAuthority(options, async ({ keys, deciding }) => {
      const own = Buffer.from(keys.publicKey).toString('hex');
      const url = deciding.authorities.find(({ key }) => key === own)?.urls[0];
      if (url === undefined && options.port === undefined) throw new CommandFailure(NOT_NAMED, USAGE_EXIT_CODE);
      return placeOf(url);
    });
    const stop = stopSignal();
    const authority = await startVotingAuthority({
      folder: authorityFolder(options),
      networkFile,
      host: options.host ?? place.host,
      port: options.port ?? place.port,
      roundLength: round * 1000,
      log: createLog(options.logLevel),
      onRound: (outcome) => printJson({ event: 'round', ...outcome }),
    }).catch((error: unknown) => {
      throw plainFailure(error);
    });
    try {
      printJson({ event: 'ready', key: authority.key, port: authority.port });
      await aborted(stop);
    } finally {
      await authority.close();
    }
  },
};

/** Where to listen, from the address at which others find this authority. */
function placeOf(url: string | undefined): { host: string; port: number } {
  const { hostname = '', port = '' } = URL.parse(url ?? '') ?? {};
  const isLocal = hostname === 'localhost' || hostname.startsWith('127.');
  const local = hostname === 'localhost' ? '127.0.0.1' : hostname;
  return { host: isLocal ? local : '0.0.0.0', port: port === '' ? DEFAULT_PORT : Number(port) };
}
