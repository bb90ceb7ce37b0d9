import { randomBytes } from 'node:crypto';
import { type DownloadPointer, openFileTransfers, TransferError } from '@sotto/client';
import type { AnyNetworkFile } from '@sotto/directory';
import { createFileServer, FilesError, type LogLevel, loadSettings, startFileServer } from '@sotto/files';
import type { CommandModule } from 'yargs';
import { openDataFolder } from '../data-folder.ts';
import { CommandFailure } from '../failure.ts';
import { findNetworkFile } from '../network-file.ts';
import { portNumber } from '../numbers.ts';
import { printJson, say } from '../output.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[];
const DEFAULT_PORT = 8080;
/** Of the file with which servers are tried out. */
const CHECK_BYTES = 100_000;
const CHECK_TIMEOUT_MS = 90_000;

interface InitArguments {
  readonly folder: string;
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

interface RunArguments {
  readonly folder: string;
  readonly logLevel: LogLevel;
}

interface CheckArguments {
  readonly data: string | undefined;
  readonly network: string | undefined;
}

const FOLDER = {
  type: 'string',
  demandOption: true,
  requiresArg: true,
  describe: 'Folder of the file server: keys, settings, files',
} as const;

const init: CommandModule<object, InitArguments> = {
  command: 'init',
  describe: 'Make a file server: its keys and its settings',
  builder: (parser) =>
    parser
      .option('folder', FOLDER)
      .option('url', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Where relays of the network reach it: http://host:port',
      })
      .option('host', { type: 'string', default: '127.0.0.1', requiresArg: true, describe: 'Address to listen on' })
      .option('port', { type: 'number', default: DEFAULT_PORT, requiresArg: true, describe: 'Port to listen on' }),
  handler({ folder, url, host, port }) {
    portNumber('--port', port);
    const { publicKey, settings } = explained(() => createFileServer(folder, { url, host, port }));
    say('The file server is made. Put this into the list "files" of the network file:');
    printJson({ url: new URL(settings.url).origin, key: publicKey });
    say(`Limits and times are in ${folder}/files.json. Start it with: sotto files run --folder ${folder}`);
  },
};

const run: CommandModule<object, RunArguments> = {
  command: 'run',
  describe: 'Run a file server until Ctrl-C',
  builder: (parser) =>
    parser
      .option('folder', FOLDER)
      .option('log-level', { choices: LOG_LEVELS, default: 'info' as const, describe: 'How much to log' }) as never,
  async handler({ folder, logLevel }) {
    const stop = stopSignal();
    const settings = explained(() => loadSettings(folder));
    const server = await startFileServer({ folder, settings, logLevel }).catch(explain);
    try {
      const { publicKey: key, port, metricsPort } = server;
      printJson({ event: 'ready', url: new URL(settings.url).origin, key, host: settings.host, port, metricsPort });
      await aborted(stop);
    } finally {
      await server.close();
    }
  },
};

const check: CommandModule<object, CheckArguments> = {
  command: 'check',
  describe: 'Send a small file to each file server of a network through private routes, and fetch it again',
  builder: (parser) =>
    parser.option('data', { type: 'string' }).option('network', {
      type: 'string',
      requiresArg: true,
      describe: 'Network file or sotto: link; default: the network of sotto up',
    }),
  async handler({ data, network: option }) {
    const network = findNetworkFile(openDataFolder(data), option);
    const servers = network.files ?? [];
    if (servers.length === 0) throw new CommandFailure('The network file lists no file server.');
    const signal = AbortSignal.any([stopSignal(), AbortSignal.timeout(CHECK_TIMEOUT_MS)]);
    let failed = 0;
    for (const server of servers) {
      const outcome = await tryOut({ ...network, files: [server] }, signal);
      if (outcome !== null) failed++;
      say(outcome === null ? `✓ ${server.url} works` : `✗ ${server.url}: ${outcome}`);
    }
    if (failed > 0) throw new CommandFailure(`${failed} of ${servers.length} file servers cannot be used.`);
  },
};

/** `sotto files init | run | check` */
export const filesCommand: CommandModule = {
  command: 'files',
  describe: 'Make, run or try out a file server',
  builder: (parser) => parser.command(init).command(run).command(check).demandCommand(1, 'Say init, run or check.'),
  handler: () => undefined,
};

/** What is wrong with the one server of a network; `null` if nothing is. */
async function tryOut(network: AnyNetworkFile, signal: AbortSignal): Promise<string | null> {
  const opened = await openFileTransfers({ network });
  const body = randomBytes(CHECK_BYTES);
  try {
    await opened.connected(signal);
    const uploaded: DownloadPointer = await opened.transfers.upload(body, { signal });
    const back = await opened.transfers.download(uploaded, { signal });
    return Buffer.compare(back, body) === 0 ? null : 'it gave another file back';
  } catch (error) {
    if (signal.aborted) return 'it did not answer in time';
    if (!(error instanceof TransferError)) throw error;
    return REASONS[error.reason] ?? 'it cannot be used';
  } finally {
    await opened.close();
  }
}

const REASONS: Partial<Record<TransferError['reason'], string>> = {
  offline: 'this machine is offline',
  'no-route': 'no private route stands',
  unreachable: 'no relay reaches it; is it running, and is its address right?',
  refused: 'it refuses files; its log may say why',
  gone: 'it lost the file at once',
  damaged: 'it gave a damaged file back',
};

function explained<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    explain(error);
  }
}

function explain(error: unknown): never {
  throw error instanceof FilesError ? new CommandFailure(error.message) : error;
}
