import { isIPv4 } from 'node:net';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { isContactable, type NodeRecord } from '@sotto/wire/nodes';
import { NO_SWARM } from '@sotto/wire/swarm';
import { z } from 'zod';
import { DirectoryError } from '../errors.ts';
import { issueText } from '../parameters.ts';
import { parseOxendJson } from './rpc.ts';

/** The members of an entry and of the answer that a node asks for (node-network §10.3). */
const FIELDS = [
  'service_node_pubkey',
  'swarm_id',
  'storage_port',
  'public_ip',
  'height',
  'block_hash',
  'hardfork',
  'snode_revision',
  'funded',
  'pubkey_x25519',
  'pubkey_ed25519',
  'storage_lmq_port',
  'storage_server_version',
] as const;

/** The nodes of the chain at one block, or the word that this is still the block that was asked about. */
export type ServiceNodes = { readonly kind: 'unchanged' } | ServiceNodeList;

export interface ServiceNodeList {
  readonly kind: 'list';
  readonly height: number;
  /** 32 bytes. */
  readonly blockHash: Uint8Array;
  readonly hardFork: readonly [number, number];
  /** Those that can be named by both keys; ascending by Ed25519 key. */
  readonly nodes: readonly NodeRecord[];
  /** How many are in swarms, and how many of them cannot be reached or spoken to; what tells whether oxend is in step. */
  readonly inSwarms: number;
  readonly missing: number;
}

/**
 * The parameters of `rpc.get_service_nodes` (node-network §10.3).
 * @param known hash of the last block that was answered; oxend then leaves the list out if that is the top block still.
 * @param activeOnly leave out those that are in no swarm, as clients ask.
 */
export function serviceNodesParams(known: Uint8Array | null, activeOnly = false): unknown {
  return {
    fields: Object.fromEntries(FIELDS.map((name) => [name, true])),
    active_only: activeOnly,
    ...(known && { poll_block_hash: bytesToHex(known) }),
  };
}

/** More than any chain has. */
export const MAXIMUM_NODES = 20_000;
const UNKNOWN_IP = '0.0.0.0';

const key = z.string().regex(/^[0-9a-fA-F]{64}$/);
/** Older daemons send an empty text for a key that they do not know. */
const optionalKey = z.union([key, z.literal('')]).nullish();
const port = z.int().min(0).max(0xffff).nullish();
const natural = z.int().min(0);

const nodeSchema = z.object({
  service_node_pubkey: key,
  swarm_id: z.bigint().min(0n).max(NO_SWARM),
  funded: z.boolean().nullish(),
  public_ip: z
    .string()
    .refine((ip) => ip === '' || isIPv4(ip), 'is no IPv4 address')
    .nullish(),
  storage_port: port,
  storage_lmq_port: port,
  pubkey_ed25519: optionalKey,
  pubkey_x25519: optionalKey,
  storage_server_version: z.tuple([natural, natural, natural]).nullish(),
});

const listSchema = z.object({
  height: natural,
  block_hash: key,
  hardfork: natural,
  snode_revision: natural.nullish(),
  service_node_states: z.array(nodeSchema).max(MAXIMUM_NODES),
});

/**
 * Reads the answer of `get_service_nodes`. @throws DirectoryError `oxend` if a mandatory member is missing or malformed;
 * such an answer is ignored as a whole.
 */
export function parseServiceNodes(json: string): ServiceNodes {
  const answer = parseOxendJson(json);
  if (typeof answer === 'object' && answer !== null && 'unchanged' in answer && answer.unchanged === true) {
    return { kind: 'unchanged' };
  }
  return readServiceNodes(answer);
}

/** Reads the list itself, parsed with `parseOxendJson`. @throws DirectoryError `oxend` as {@link parseServiceNodes}. */
export function readServiceNodes(answer: unknown): ServiceNodeList {
  const parsed = listSchema.safeParse(answer);
  if (!parsed.success) {
    throw new DirectoryError('oxend', `the chain daemon (oxend) gave a bad list of nodes: ${issueText(parsed.error)}`);
  }
  const { height, block_hash, hardfork, snode_revision, service_node_states } = parsed.data;
  const funded = service_node_states.filter((node) => node.funded !== false);
  const inSwarms = funded.filter((node) => node.swarm_id !== NO_SWARM);
  const records = funded.map(recordOf);
  return {
    kind: 'list',
    height,
    blockHash: hexToBytes(block_hash),
    hardFork: [hardfork, snode_revision ?? 0],
    nodes: distinct(records.filter((record) => record !== null)),
    inSwarms: inSwarms.length,
    missing: inSwarms.filter((node) => !isReachable(recordOf(node))).length,
  };
}

/** `null` for a node of which no proof is known yet, so that nobody can speak to it. */
function recordOf(node: z.output<typeof nodeSchema>): NodeRecord | null {
  const { pubkey_ed25519, pubkey_x25519, storage_server_version } = node;
  if (!pubkey_ed25519 || !pubkey_x25519) return null;
  return {
    ed25519Key: hexToBytes(pubkey_ed25519),
    legacyKey: hexToBytes(node.service_node_pubkey),
    x25519Key: hexToBytes(pubkey_x25519),
    swarmId: node.swarm_id,
    ip: node.public_ip || UNKNOWN_IP,
    httpsPort: node.storage_port ?? 0,
    omqPort: node.storage_lmq_port ?? 0,
    version: storage_server_version ?? [0, 0, 0],
  };
}

function isReachable(record: NodeRecord | null): boolean {
  return record !== null && isContactable(record);
}

/** Ascending by Ed25519 key, each only once. */
export function distinct(records: readonly NodeRecord[]): NodeRecord[] {
  const byKey = new Map(records.map((record) => [bytesToHex(record.ed25519Key), record]));
  return [...byKey.values()].sort((a, b) => Buffer.compare(a.ed25519Key, b.ed25519Key));
}
