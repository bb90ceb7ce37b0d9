import { readFileSync } from 'node:fs';
import {
  DirectoryStore,
  httpsFetcher,
  isNetworkLink,
  parseNetworkFile,
  refreshDirectory,
  replaceFile,
} from '@sotto/directory';
import type { CommandModule } from 'yargs';
import { CommandFailure, USAGE_EXIT_CODE } from '../failure.ts';
import { originOf } from '../network/authority-place.ts';
import { readNetworkFile } from '../network-file.ts';
import { printJson, say } from '../output.ts';

const SEEDS = 6;
const LIMIT = 8000;

interface SeedsArguments {
  readonly file: string;
  readonly urls: readonly string[];
  readonly json: boolean;
}

/** `sotto network seeds`: whom newcomers ask, besides the authorities. The network stays the same. */
export const networkSeedsCommand: CommandModule<object, SeedsArguments> = {
  command: 'seeds <file> [urls..]',
  describe:
    'Name in the network file whom newcomers can ask, also while no authority runs; without urls, present nodes',
  builder: (parser) =>
    parser
      // Elsewhere the last of several values counts; here every one does.
      .parserConfiguration({ 'duplicate-arguments-array': true })
      .positional('file', { type: 'string', demandOption: true, describe: 'Network file, which is changed' })
      .positional('urls', { type: 'string', array: true, default: [], describe: 'Addresses, https://host:port' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }) as never,
  async handler({ file, urls, json }) {
    if (isNetworkLink(file))
      throw new CommandFailure('A link cannot be changed. Name the network file.', USAGE_EXIT_CODE);
    const network = readNetworkFile(file);
    const given = urls.map((url) => originOf('An address', url));
    const seeds = given.length > 0 ? given : await presentNodes(file);
    // What this version does not know of the file stays in it.
    const text = `${JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), seeds }, null, 2)}\n`;
    parseNetworkFile(text);
    await replaceFile(file, text);
    if (json) return printJson({ file, name: network.name, seeds });
    say('Newcomers ask these, and the authorities:');
    for (const seed of seeds) process.stdout.write(`${seed}\n`);
  },
};

/** Some nodes, those in other networks of the internet first. */
async function presentNodes(file: string): Promise<string[]> {
  const networkFile = readNetworkFile(file);
  const store = await DirectoryStore.open({ networkFile });
  const origins = [...networkFile.seeds, ...networkFile.authorities.flatMap(({ urls }) => urls)];
  const fetchers = origins.map((origin) => httpsFetcher(origin, LIMIT));
  await refreshDirectory(store, fetchers, AbortSignal.timeout(2 * LIMIT));
  const nodes = store.current()?.nodes ?? [];
  if (nodes.length === 0) throw new CommandFailure('The network lists no nodes yet.');
  const subnet = (ip: string) => ip.split('.').slice(0, 3).join('.');
  const firsts = [...Map.groupBy(nodes, ({ ip }) => subnet(ip)).values()].map((group) => group[0]!);
  const chosen = [...new Set([...firsts, ...nodes])].slice(0, SEEDS);
  return chosen.map(({ ip, httpsPort }) => `https://${ip}:${httpsPort}`);
}
