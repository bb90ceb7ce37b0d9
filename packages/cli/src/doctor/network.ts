import { type HttpAnswer, httpsTransport, type Transport } from '@sotto/client';
import {
  type AnyNetworkFile,
  DirectoryStore,
  httpsFetcher,
  isChainNetwork,
  type NetworkFile,
  type NodeList,
  refreshDirectory,
} from '@sotto/directory';
import { bytesToHex, utf8ToBytes } from '@sotto/wire/bytes';
import { isContactable, type NodeRecord } from '@sotto/wire/nodes';
import { buildInfo, parseAnswer, readResult } from '@sotto/wire/rpc';
import { viewChain } from '../network/chain-view.ts';
import type { Finding } from './machine.ts';

const LIMIT = 8000;
/** Of the nodes of a chain. */
const MOST_ASKED = 20;
/** Nodes refuse requests whose time differs by more than a minute (storage-rpc §4.3). */
const TOLERATED_CLOCK_DIFFERENCE = 60_000;
const HALF_OF_IT = TOLERATED_CLOCK_DIFFERENCE / 2;

/** Looks at a network: its list of nodes, whether they answer, and whether they agree with this machine's clock. */
export async function networkFindings(network: AnyNetworkFile): Promise<Finding[]> {
  const transport = httpsTransport();
  try {
    const known = isChainNetwork(network)
      ? { nodes: await viewChain(network, transport), isExpired: false }
      : await newestList(network);
    if (!known.nodes) {
      const advice =
        'Is it running? Is this machine connected? A private network on this machine starts with: sotto up';
      return [{ state: 'bad', what: `The network "${network.name}" gives no list of its nodes`, advice }];
    }
    const { nodes } = known.nodes;
    const asked = isChainNetwork(network) ? someOf(nodes) : nodes;
    const some = asked.length < nodes.length ? `; ${asked.length} of them were asked` : '';
    const list: Finding = known.isExpired
      ? { state: 'warning', what: 'The list of nodes is out of date', advice: 'Tell those who run the network.' }
      : { state: 'good', what: `The network "${network.name}" lists ${nodes.length} nodes${some}` };
    const answers = await Promise.all(asked.map((node) => askNode(node, transport)));
    return [list, ...answersFindings(answers), clockFinding(answers), swarmFinding(known.nodes)];
  } finally {
    transport.close();
  }
}

async function newestList(networkFile: NetworkFile): Promise<{ nodes: NodeList | null; isExpired: boolean }> {
  const store = await DirectoryStore.open({ networkFile });
  const sources = [...networkFile.seeds, ...networkFile.authorities.flatMap(({ urls }) => urls)];
  const fetchers = [...new Set(sources)].map((url) => httpsFetcher(url, LIMIT));
  // Nobody who gives one: there is none.
  await refreshDirectory(store, fetchers, AbortSignal.timeout(LIMIT * 2)).catch(() => {});
  return { nodes: store.current(), isExpired: store.isExpired() };
}

/** A chain may have thousands; a few that can be spoken to tell enough. */
function someOf(nodes: readonly NodeRecord[]): NodeRecord[] {
  const known = nodes.filter(isContactable);
  return Array.from({ length: Math.min(MOST_ASKED, known.length) }, () => {
    const [node] = known.splice(Math.floor(Math.random() * known.length), 1);
    return node!;
  });
}

interface NodeAnswer {
  readonly node: NodeRecord;
  /** Its clock minus ours, ms; `null` if it did not answer as a node does. */
  readonly clockDifference: number | null;
}

async function askNode(node: NodeRecord, transport: Transport): Promise<NodeAnswer> {
  const url = `https://${node.ip}:${node.httpsPort}/storage_rpc/v1`;
  const body = utf8ToBytes(JSON.stringify(buildInfo()));
  const began = Date.now();
  try {
    const answer = await transport.post(url, body, { signal: AbortSignal.timeout(LIMIT), timeoutMs: LIMIT });
    const middle = (began + Date.now()) / 2;
    return { node, clockDifference: timeOf(answer) - middle };
  } catch {
    return { node, clockDifference: null };
  }
}

function timeOf({ status, body }: HttpAnswer): number {
  const answer = parseAnswer('info', readResult(status, Buffer.from(body).toString('utf8')));
  if (answer.kind !== 'done') throw new Error('not an answer to info');
  return answer.reply.t;
}

function answersFindings(answers: readonly NodeAnswer[]): Finding[] {
  const silent = answers.filter(({ clockDifference }) => clockDifference === null);
  if (silent.length === 0) return [{ state: 'good', what: 'All nodes answer' }];
  const names = silent.map(({ node }) => `${bytesToHex(node.ed25519Key).slice(0, 8)}… at ${node.ip}:${node.httpsPort}`);
  return [
    {
      state: silent.length === answers.length ? 'bad' : 'warning',
      what: `${silent.length} of ${answers.length} nodes ${silent.length === 1 ? 'does' : 'do'} not answer: ${names.join(', ')}`,
      advice:
        silent.length === answers.length
          ? 'Is the network running?'
          : 'Messages still get through; those nodes need a look.',
    },
  ];
}

function clockFinding(answers: readonly NodeAnswer[]): Finding {
  const known = answers.map(({ clockDifference }) => clockDifference).filter((difference) => difference !== null);
  const difference = known.sort((a, b) => a - b)[Math.floor(known.length / 2)] ?? 0;
  const seconds = Math.round(Math.abs(difference) / 1000);
  if (Math.abs(difference) < HALF_OF_IT)
    return { state: 'good', what: 'The clock of this machine agrees with the network' };
  const what = `The clock of this machine is ${seconds} seconds ${difference > 0 ? 'behind' : 'ahead of'} the network`;
  return {
    state: 'warning',
    what,
    advice: 'Sotto allows for it; nodes and other programs on this machine do not. Set the clock.',
  };
}

function swarmFinding(list: NodeList | null): Finding {
  const sizes = list?.swarmIds.map((id) => list.swarm(id).length) ?? [];
  if (sizes.length === 0)
    return { state: 'bad', what: 'No node keeps messages', advice: 'The network needs more nodes.' };
  const copies = Math.min(...sizes);
  return { state: 'good', what: `Every message is kept ${copies} times or more, in ${sizes.length} groups of nodes` };
}
