import { resolve } from 'node:path';
import { type JoinRule, type NetworkFile, networkId, serializeNetworkFile } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { CommandModule } from 'yargs';
import {
  type AuthorityArguments,
  authorityFolder,
  listOf,
  originOf,
  parseAuthority,
  withFolderOption,
} from '../network/authority-place.ts';
import { ownAuthorityKey } from '../network/own-key.ts';
import { writeNewFile } from '../network/write-new-file.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson, say } from '../output.ts';

const JOIN_RULES = ['invite', 'open', 'listed'] as const satisfies readonly JoinRule[];

interface CreateArguments extends Pick<AuthorityArguments, 'data' | 'folder'> {
  readonly name: string;
  readonly url: string;
  readonly with: string | undefined;
  readonly threshold: number | undefined;
  readonly join: JoinRule;
  readonly swarmMin: number;
  readonly swarmIdeal: number | undefined;
  readonly swarmMargin: number;
  readonly relays: number;
  readonly oneSite: boolean;
  readonly seeds: string | undefined;
  readonly file: string | undefined;
  readonly json: boolean;
}

/** `sotto network create`: the first authority's key, and the network file that all others need. */
export const networkCreateCommand: CommandModule<object, CreateArguments> = {
  command: 'create <name>',
  describe: 'Make a network: the key of its first authority and its network file',
  builder: (parser) =>
    withFolderOption(parser)
      .positional('name', { type: 'string', demandOption: true, describe: 'What people call the network' })
      .option('url', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Where this authority will be reached: https://host:port',
      })
      .option('with', {
        type: 'string',
        requiresArg: true,
        describe: 'Further authorities, between commas, each as "sotto network key" printed it',
      })
      .option('threshold', {
        type: 'number',
        requiresArg: true,
        describe: 'How many authorities must sign; default: more than half',
      })
      .option('join', { choices: JOIN_RULES, default: 'invite' as const, describe: 'How a node gets in' })
      .option('swarm-min', { type: 'number', default: 3, requiresArg: true, describe: 'Copies kept of a message' })
      .option('swarm-ideal', { type: 'number', requiresArg: true, describe: 'Size of a new group; default: +2' })
      .option('swarm-margin', { type: 'number', default: 2, requiresArg: true, describe: 'Spare nodes a group' })
      .option('relays', {
        type: 'number',
        default: 3,
        requiresArg: true,
        describe: 'Relays of a private route; nodes must be in more networks than that',
      })
      .option('one-site', { type: 'boolean', default: false, describe: 'All nodes are in one place; say so to people' })
      .option('seeds', { type: 'string', requiresArg: true, describe: 'Addresses for newcomers, between commas' })
      .option('file', { type: 'string', requiresArg: true, describe: 'Where to write the network file' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }) as never,
  async handler(options) {
    const url = originOf('--url', options.url);
    const others = listOf(options.with).map(parseAuthority);
    const seeds = listOf(options.seeds).map((seed) => originOf('--seeds', seed));
    const count = others.length + 1;
    const threshold = wholeNumber('--threshold', options.threshold ?? Math.floor(count / 2) + 1, 1, count);
    const swarmMin = wholeNumber('--swarm-min', options.swarmMin, 1, 98);
    const folder = authorityFolder(options);
    const key = await ownAuthorityKey(folder);
    const file: NetworkFile = {
      sotto: 1,
      name: options.name,
      created: Date.now(),
      authorities: [{ key, urls: [url] }, ...others],
      threshold,
      seeds,
      parameters: {
        swarmMin,
        swarmIdeal: wholeNumber('--swarm-ideal', options.swarmIdeal ?? swarmMin + 2, swarmMin, 100),
        swarmMargin: wholeNumber('--swarm-margin', options.swarmMargin, 0, 100),
        relays: wholeNumber('--relays', options.relays, 1, 14),
        join: options.join,
        oneSite: options.oneSite,
      },
      communities: [],
    };
    const path = resolve(options.file ?? `${slug(options.name)}.sotto`);
    writeNewFile(path, serializeNetworkFile(file));
    const id = bytesToHex(networkId(file));
    if (options.json)
      return printJson({ file: path, name: file.name, id, key, threshold, authorities: file.authorities, folder });
    say(`The network "${file.name}" is described in:`);
    process.stdout.write(`${path}\n`);
    say(`${count === 1 ? 'Its authority' : `${threshold} of its ${count} authorities`} must sign what it says.`);
    say(`Keep a copy of ${folder}/authority.key in a safe place. Now run:`);
    say(`sotto network authority --network ${path}${options.folder === undefined ? '' : ` --folder ${folder}`}`);
  },
};

/** A file name from a network's name. */
function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return plain.replace(/^-+|-+$/g, '').slice(0, 40) || 'network';
}
