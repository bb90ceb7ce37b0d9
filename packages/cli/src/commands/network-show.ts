import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  DirectoryStore,
  fileStorage,
  type HistoryEntry,
  isChainNetwork,
  type NetworkParameters,
  networkId,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { formatSwarmId, NO_SWARM } from '@sotto/wire/swarm';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import { describeNetwork } from '../network/describe-network.ts';
import { viewNetwork } from '../network/network-view.ts';
import { showChain } from '../network/show-chain.ts';
import { readAnyNetworkFile, readNetworkFile } from '../network-file.ts';
import { printJson } from '../output.ts';

interface ShowArguments {
  readonly file: string;
  readonly folder: string | undefined;
  readonly json: boolean;
}

/** `sotto network show`: who signed what, which nodes are up, swarms, health. */
export const networkShowCommand: CommandModule<object, ShowArguments> = {
  command: 'show <file>',
  describe: 'Tell who signed what, which nodes are up, and how the network is',
  builder: (parser) =>
    parser
      .positional('file', { type: 'string', demandOption: true, describe: 'Network file or sotto: link, or session' })
      .option('folder', {
        type: 'string',
        requiresArg: true,
        describe: "A node's or authority's folder, to show the history that it remembers",
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }) as never,
  async handler({ file, folder, json }) {
    const network = readAnyNetworkFile(file);
    if (isChainNetwork(network)) return await showChain(network, json);
    const history = folder === undefined ? null : await rememberedHistory(file, resolve(folder));
    const view = await viewNetwork(network);
    const directory = view.store.accepted();
    const { authorities, threshold } = view.store.deciding();
    const signers = new Set(directory?.signers.map(bytesToHex));
    const facts: NetworkFacts = {
      name: network.name,
      id: bytesToHex(networkId(network)),
      threshold,
      successions: view.store.successions().length,
      directory: directory && {
        epoch: directory.epoch,
        digest: bytesToHex(directory.digest),
        validFrom: directory.validFrom,
        validUntil: directory.validUntil,
        expired: view.store.isExpired(),
      },
      authorities: authorities.map(({ key, urls }) => {
        const status = view.authorities.get(key) ?? null;
        const { proposal = null, evidence = [], round = null } = status ?? {};
        return { key, urls, signed: signers.has(key), answers: status !== null, round, proposal, evidence };
      }),
      sources: view.sources.map(({ url, directory: given }) => ({ url, epoch: given?.epoch ?? null })),
      nodes: (directory?.nodes ?? []).map((node) => {
        const key = bytesToHex(node.ed25519Key);
        const said = [...view.authorities.values()].flatMap(
          (status) => status?.nodes.find((each) => each.key === key) ?? [],
        );
        return {
          key,
          address: `${node.ip}:${node.httpsPort}`,
          swarm: node.swarmId === NO_SWARM ? null : formatSwarmId(node.swarmId),
          reachedBy: said.filter(({ reachable }) => reachable).length,
          testedBy: said.length,
        };
      }),
      routes: routesOf(directory?.parameters ?? network.parameters, directory?.nodes ?? []),
      contradictions: view.store.history().filter(({ conflict }) => conflict),
      history,
    };
    if (json) printJson({ ...facts });
    else process.stdout.write(`${describeNetwork(facts).join('\n')}\n`);
    if (!directory) throw new CommandFailure('Nobody whom the network file names gives a list of nodes.');
  },
};

/** What is shown of a network. */
export interface NetworkFacts {
  readonly name: string;
  readonly id: string;
  readonly threshold: number;
  readonly successions: number;
  readonly directory: {
    readonly epoch: number;
    readonly digest: string;
    readonly validFrom: number;
    readonly validUntil: number;
    readonly expired: boolean;
  } | null;
  readonly authorities: readonly {
    readonly key: string;
    readonly urls: readonly string[];
    readonly signed: boolean;
    readonly answers: boolean;
    readonly round: { readonly epoch: number; readonly result: string } | null;
    readonly proposal: {
      readonly number: number;
      readonly threshold: number;
      readonly authorities: readonly { readonly key: string; readonly urls: readonly string[] }[];
    } | null;
    readonly evidence: readonly { readonly authority: string; readonly epoch: number; readonly what: string }[];
  }[];
  readonly sources: readonly { readonly url: string; readonly epoch: number | null }[];
  readonly nodes: readonly {
    readonly key: string;
    readonly address: string;
    readonly swarm: string | null;
    readonly reachedBy: number;
    readonly testedBy: number;
  }[];
  /** A private route and its mailbox need as many nodes apart from each other as `needed`; `apart` are there. */
  readonly routes: { readonly relays: number; readonly needed: number; readonly apart: number };
  /** Two lists with the same number: whoever signed both lied. */
  readonly contradictions: readonly HistoryEntry[];
  readonly history: readonly HistoryEntry[] | null;
}

/** Nodes are apart if they are in different networks of the internet (/24); in one site each is. */
function routesOf({ relays, oneSite }: NetworkParameters, nodes: readonly NodeRecord[]): NetworkFacts['routes'] {
  const places = nodes.map(({ ip }, index) => (oneSite ? `${index}` : ip.split('.').slice(0, 3).join('.')));
  return { relays, needed: relays + 1, apart: new Set(places).size };
}

async function rememberedHistory(file: string, folder: string): Promise<readonly HistoryEntry[]> {
  const path = join(folder, 'directory.json');
  if (!existsSync(path)) throw new CommandFailure(`There is no history in ${folder}.`);
  const store = await DirectoryStore.open({ networkFile: readNetworkFile(file), storage: fileStorage(path) });
  return store.history();
}
