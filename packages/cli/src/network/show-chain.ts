import { httpsTransport } from '@sotto/client';
import { type ChainNetworkFile, type NodeList, networkId } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { isContactable } from '@sotto/wire/nodes';
import { CommandFailure } from '../failure.ts';
import { printable, printJson } from '../output.ts';
import { viewChain } from './chain-view.ts';

/** Tells of a network whose nodes a chain lists; of the nodes only how many there are, since they may be thousands. */
export async function showChain(network: ChainNetworkFile, json: boolean): Promise<void> {
  const transport = httpsTransport();
  try {
    const list = await viewChain(network, transport);
    if (json) printJson(facts(network, list));
    else process.stdout.write(`${describe(network, list).join('\n')}\n`);
    if (!list) throw new CommandFailure('No seed server of the network gives a list of nodes that can be believed.');
  } finally {
    transport.close();
  }
}

function facts({ name, ...network }: ChainNetworkFile, list: NodeList | null) {
  return {
    name,
    id: bytesToHex(networkId({ name, ...network })),
    chain: network.chain,
    fileServers: network.files ?? [],
    list: list && { height: list.epoch, hardFork: list.hardFork, ...countsOf(list) },
  };
}

function countsOf({ nodes, swarmIds }: NodeList) {
  return { nodes: nodes.length, reachable: nodes.filter(isContactable).length, groups: swarmIds.length };
}

function describe(network: ChainNetworkFile, list: NodeList | null): string[] {
  const { seeds } = network.chain;
  const servers = seeds.length === 1 ? '1 seed server' : `${seeds.length} seed servers`;
  return [
    `${printable(network.name)}  (network id ${bytesToHex(networkId(network))})`,
    `Nodes are listed by the network's own chain; the first list comes from ${servers}:`,
    ...seeds.map(({ url, unverified }) => `  ${url}  ${unverified ? 'not verified' : 'known by its certificate'}`),
    ...(network.files ?? []).map(({ url }) => `File server: ${url}`),
    ...(list ? ['', ...describeList(list)] : []),
  ];
}

function describeList(list: NodeList): string[] {
  const { nodes, reachable, groups } = countsOf(list);
  return [
    `List of block ${list.epoch}: ${nodes} nodes, in ${groups} groups that keep the same messages`,
    ...(reachable < nodes ? [`! Of ${nodes - reachable} nodes nobody knows the address.`] : []),
  ];
}
