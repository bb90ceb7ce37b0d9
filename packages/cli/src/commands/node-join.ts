import { mkdirSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DirectoryError, inviteBytes, type NetworkFile, replaceFile } from '@sotto/directory';
import { findOwnAddress, type LogLevel, startNode } from '@sotto/node';
import { bytesToHex } from '@sotto/wire/bytes';
import type { CommandModule } from 'yargs';
import { z } from 'zod';
import { openDataFolder } from '../data-folder.ts';
import { CommandFailure } from '../failure.ts';
import { plainFailure } from '../network/authority-place.ts';
import { readNetworkFile } from '../network-file.ts';
import { portNumber } from '../numbers.ts';
import { printJson, say } from '../output.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[];
const HTTPS_PORT = 22_021;
const OMQ_PORT = 22_020;
const ADDRESS_LIMIT = 8000;
const LOOK_INTERVAL = 1000;

interface JoinArguments {
  readonly data: string | undefined;
  readonly file: string;
  readonly invite: string | undefined;
  readonly address: string | undefined;
  readonly folder: string | undefined;
  readonly host: string | undefined;
  readonly httpsPort: number;
  readonly omqPort: number;
  readonly logLevel: LogLevel;
}

const savedSchema = z.object({ address: z.string(), invite: z.string().optional() });
type Saved = z.output<typeof savedSchema>;

/** `sotto node join`: everything that an operator of a node does; the second time, without the invite. */
export const nodeJoinCommand: CommandModule<object, JoinArguments> = {
  command: 'join <file>',
  describe: 'Run a node that joins the network of a network file by itself',
  builder: (parser) =>
    parser
      .positional('file', { type: 'string', demandOption: true, describe: 'Network file' })
      .option('data', { type: 'string' })
      .option('invite', { type: 'string', requiresArg: true, describe: 'Code that lets the node in; the first time' })
      .option('address', {
        type: 'string',
        requiresArg: true,
        describe: 'IPv4 address of this machine as others see it; default: the authorities are asked',
      })
      .option('folder', {
        type: 'string',
        requiresArg: true,
        describe: 'Folder for keys and messages; default: node in the data folder',
      })
      .option('host', {
        type: 'string',
        requiresArg: true,
        describe: 'Address to listen on; default: all, or only this machine if that is its address',
      })
      .option('https-port', { type: 'number', default: HTTPS_PORT, requiresArg: true, describe: 'Port for clients' })
      .option('omq-port', { type: 'number', default: OMQ_PORT, requiresArg: true, describe: 'Port for other nodes' })
      .option('log-level', { choices: LOG_LEVELS, default: 'warn' as const, describe: 'How much to log' })
      .option('json', { type: 'boolean', describe: 'Events are always printed as lines of JSON' }) as never,
  async handler(options) {
    portNumber('--https-port', options.httpsPort, 0);
    portNumber('--omq-port', options.omqPort, 0);
    const stop = stopSignal();
    const networkFile = readNetworkFile(options.file);
    const folder =
      options.folder === undefined ? join(openDataFolder(options.data).path, 'node') : resolve(options.folder);
    const { address, invite } = await prepare(folder, networkFile, options);
    const node = await startNode({
      networkFile,
      folder,
      host: options.host ?? (address.startsWith('127.') ? address : '0.0.0.0'),
      httpsPort: options.httpsPort,
      omqPort: options.omqPort,
      logLevel: options.logLevel,
      join: { address, ...(invite !== undefined && { invite: inviteBytes(invite) }), onAnswer: tellAnswer },
    }).catch((error: unknown) => {
      throw plainFailure(error);
    });
    try {
      const ed25519 = bytesToHex(node.keys.ed25519);
      printJson({ event: 'listening', ed25519, address, httpsPort: node.httpsPort, omqPort: node.omqPort });
      await Promise.race([node.ready, aborted(stop)]);
      if (!stop.aborted) printJson({ event: 'ready', ed25519, swarm: node.swarm() });
      while (!stop.aborted && node.swarm() === null)
        await delay(LOOK_INTERVAL, undefined, { signal: stop }).catch(() => {});
      if (!stop.aborted) printJson({ event: 'listed', ed25519, swarm: node.swarm() });
      await aborted(stop);
    } finally {
      await node.close();
    }
  },
};

/** Only what changes is told, so that a wrong port or a used code is seen at once and a steady node is silent. */
function tellAnswer(authority: string, refusal: string | null): void {
  printJson({
    event: 'authority',
    authority,
    accepted: refusal === null,
    ...(refusal !== null && { reason: refusal }),
  });
  if (refusal !== null) say(`Authority ${authority.slice(0, 8)}…: ${refusal}.`);
}

/** Settles address and invite, and keeps them for the next start. @throws CommandFailure */
async function prepare(folder: string, network: NetworkFile, options: JoinArguments): Promise<Saved> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'join.json');
  const before = load(path);
  const invite = options.invite ?? before?.invite;
  if (invite === undefined && network.parameters.join === 'invite') {
    say('This network lets nodes in by invite. If this node is new, ask an authority for a code: --invite CODE');
  }
  if (invite !== undefined) requireInvite(invite);
  if (options.address !== undefined && !isIPv4(options.address)) {
    throw new CommandFailure('--address takes an IPv4 address, such as 203.0.113.7.', 2);
  }
  const address = options.address ?? (await findOwnAddress(network, ADDRESS_LIMIT)) ?? before?.address;
  if (address === undefined) {
    throw new CommandFailure(
      'No authority answers to say which address this machine has. Give it: --address 203.0.113.7',
    );
  }
  const saved: Saved = { address, ...(invite !== undefined && { invite }) };
  await replaceFile(path, JSON.stringify(saved));
  return saved;
}

function load(path: string): Saved | null {
  try {
    return savedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

function requireInvite(text: string): void {
  try {
    inviteBytes(text);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    throw new CommandFailure('That is not an invite code; it has 122 letters, digits, dashes and underscores.', 2);
  }
}
