import { bytesToHex } from '@sotto/wire/bytes';
import { isContactable, type NodeRecord, nodeX25519Key } from '@sotto/wire/nodes';
import { DirectoryError } from '../errors.ts';
import { NodeList } from '../node-source.ts';
import { parseOxendJson } from '../oxend/rpc.ts';
import { distinct, MAXIMUM_NODES, readServiceNodes, type ServiceNodeList } from '../oxend/service-nodes.ts';
import { CHAIN_PARAMETERS } from '../oxend/source.ts';
import { exactJson, serviceNodes } from '../seed-answer.ts';

/** The active nodes of a chain at one block, as a client was told. */
export type ChainList = Pick<ServiceNodeList, 'height' | 'blockHash' | 'hardFork' | 'nodes'>;

/** The longest answer that is read, in characters: more than 10,000 nodes. */
const MAXIMUM_ANSWER_CHARACTERS = 8 * 1024 * 1024;
/** So many must tell the same of a node. */
const QUORUM = 2;

/**
 * Reads the list in an answer to a seed's `get_n_service_nodes` or a node's `oxend_request` (onion-requests §3.2, §3.3);
 * both are `{"result": {…}}`. Nodes without keys are left out; those without an address stay, since they hold places in swarms.
 * @throws DirectoryError `oxend` for malformed answers, and for lists without a node that can be reached.
 */
export function parseChainList(text: string): ChainList {
  if (text.length > MAXIMUM_ANSWER_CHARACTERS) throw new DirectoryError('oxend', 'the list of nodes is too long');
  const answer = parseOxendJson(text);
  const result = typeof answer === 'object' && answer !== null && 'result' in answer ? answer.result : null;
  const { height, blockHash, hardFork, nodes } = readServiceNodes(result);
  if (!nodes.some(isContactable)) throw new DirectoryError('oxend', 'the list of nodes names nobody');
  return { height, blockHash, hardFork, nodes };
}

/**
 * A list whose nodes came by themselves (storage-rpc §8.14), with the head of oxend's answer beside them: height, block and
 * hard fork. The X25519 keys are those that follow from the Ed25519 ones.
 * @throws DirectoryError `oxend` as {@link parseChainList}.
 */
export function joinedChainList(head: unknown, nodes: readonly NodeRecord[]): ChainList {
  const { height, blockHash, hardFork } = readServiceNodes(head);
  if (nodes.length > MAXIMUM_NODES) throw new DirectoryError('oxend', 'the list of nodes is too long');
  if (!nodes.some(isContactable)) throw new DirectoryError('oxend', 'the list of nodes names nobody');
  return { height, blockHash, hardFork, nodes: distinct(nodes) };
}

/** A list in the form that {@link parseChainList} reads. */
export function serializeChainList(list: NodeList): string {
  return exactJson({ result: serviceNodes(list, {}, () => new Uint8Array()) });
}

/**
 * What several nodes agree on (onion-requests §3.3): a node is listed if two or more tell the same of it, keys, swarm and
 * place. `null` if fewer than two lists are there, or they agree on nobody.
 */
export function agreedList(lists: readonly ChainList[]): ChainList | null {
  // A height that two have reached: one alone must not push it up.
  const basis = lists.toSorted((a, b) => b.height - a.height)[QUORUM - 1];
  if (!basis) return null;
  const all = lists.flatMap(({ nodes }) => nodes);
  // Where nobody tells the second key it follows from the first, and the same nodes have the same.
  const tellsKey = all.some(({ x25519Key }) => x25519Key);
  const told = Map.groupBy(all, (node) => sameness(node, tellsKey ? nodeX25519Key(node) : null));
  const nodes = [...told.values()].flatMap((same) => (same.length >= QUORUM ? [same[0]!] : []));
  if (!nodes.some(isContactable)) return null;
  // Of three, two cannot differ from two others, but four asked could: a key is listed once.
  return { ...basis, nodes: distinct(nodes) };
}

/** A list for those who look nodes up. @param takenAt ms since 1970. */
export function chainNodeList(list: ChainList, takenAt: number, oneSite: boolean): NodeList {
  return new NodeList({
    epoch: list.height,
    digest: list.blockHash,
    validFrom: takenAt,
    validUntil: Number.MAX_SAFE_INTEGER,
    parameters: { ...CHAIN_PARAMETERS, oneSite },
    hardFork: list.hardFork,
    nodes: list.nodes,
  });
}

function sameness({ ed25519Key, swarmId, ip, httpsPort }: NodeRecord, x25519Key: Uint8Array | null): string {
  return [bytesToHex(ed25519Key), x25519Key && bytesToHex(x25519Key), swarmId, ip, httpsPort].join(' ');
}
