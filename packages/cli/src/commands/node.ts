import { type LogLevel, NodeError, startNode } from '@sotto/node';
import { bytesToHex } from '@sotto/wire/bytes';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { readNetworkFile } from '../network-file.ts';
import { portNumber } from '../numbers.ts';
import { printJson, say } from '../output.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[];
/** The network's usual ports (node-network §1). */
const HTTPS_PORT = 22_021;
const OMQ_PORT = 22_020;

interface NodeArguments {
  readonly network: string;
  readonly folder: string;
  readonly host: string;
  readonly httpsPort: number;
  readonly omqPort: number;
  readonly logLevel: LogLevel;
}

/** `sotto node`: one storage node in this process. Its log goes to standard error, its events to standard output. */
export const nodeCommand: CommandModule<object, NodeArguments> = {
  command: 'node',
  describe: 'Run one node of a network that lists it',
  builder: (parser) =>
    parser
      .option('network', { type: 'string', demandOption: true, requiresArg: true, describe: 'Network file' })
      .option('folder', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Folder for keys and messages',
      })
      .option('host', { type: 'string', default: '127.0.0.1', requiresArg: true, describe: 'Address to listen on' })
      .option('https-port', { type: 'number', default: HTTPS_PORT, requiresArg: true, describe: 'Port for clients' })
      .option('omq-port', { type: 'number', default: OMQ_PORT, requiresArg: true, describe: 'Port for other nodes' })
      .option('log-level', { choices: LOG_LEVELS, default: 'info' as const, describe: 'How much to log' }) as never,
  async handler({ network, folder, host, httpsPort, omqPort, logLevel }) {
    portNumber('--https-port', httpsPort, 0);
    portNumber('--omq-port', omqPort, 0);
    const stop = stopSignal();
    const networkFile = readNetworkFile(network);
    const node = await startNode({ networkFile, folder, host, httpsPort, omqPort, logLevel }).catch(
      (error: unknown) => {
        throw error instanceof NodeError ? new CommandFailure(error.message) : error;
      },
    );
    try {
      const ed25519 = bytesToHex(node.keys.ed25519);
      printJson({
        event: 'listening',
        ed25519,
        x25519: bytesToHex(node.keys.x25519),
        host,
        httpsPort: node.httpsPort,
        omqPort: node.omqPort,
      });
      await Promise.race([node.ready, aborted(stop)]);
      if (!stop.aborted) {
        printJson({ event: 'ready', ed25519, swarm: node.swarm() });
        if (node.swarm() === null)
          say('The network does not list this node yet. Give its ed25519 key to an authority.');
      }
      await aborted(stop);
    } finally {
      await node.close();
    }
  },
};
