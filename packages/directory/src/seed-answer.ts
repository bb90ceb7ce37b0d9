import { bytesToHex, type Random } from '@sotto/wire/bytes';
import { type NodeRecord, nodeLegacyKey } from '@sotto/wire/nodes';
import { formatSwarmId, NO_SWARM } from '@sotto/wire/swarm';
import { z } from 'zod';
import type { NodeList } from './node-source.ts';

/** Node has it, TypeScript's libraries do not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** The largest request that is read, in bytes. */
export const MAXIMUM_SEED_REQUEST_BYTES = 65_536;

/** An answer to `POST /json_rpc`; its Content-Type is exactly `application/json`. */
export interface SeedReply {
  readonly status: 200 | 400 | 503;
  readonly body: string;
}

/** What oxend answers to `get_service_nodes`; `swarm_id` is a u64, so whoever writes JSON must not round it. */
export type ServiceNodesResult = Readonly<Record<string, unknown>> & {
  readonly service_node_states: readonly Readonly<Record<string, unknown>>[];
};

/** oxend takes fields as a list of names or as an object; nothing, an empty one and `all` mean every field. */
const fieldsSchema = z
  .union([z.array(z.string()), z.record(z.string(), z.unknown())])
  .transform((fields) => new Set(Array.isArray(fields) ? fields : Object.keys(fields).filter((name) => fields[name])))
  .transform((names) => (names.size === 0 || names.has('all') ? null : names))
  .catch(null);

const paramsSchema = z
  .object({
    fields: fieldsSchema.optional(),
    active_only: z.boolean().catch(false).optional(),
    limit: z.int().catch(0).optional(),
    service_node_pubkeys: z.array(z.string()).catch([]).optional(),
  })
  .catch({});

const requestSchema = z.object({
  id: z.union([z.string().max(200), z.number(), z.null()]).optional(),
  method: z.string(),
  params: z.unknown().optional(),
});

/**
 * Answers a stock client's seed request (onion-requests §3.2), which is oxend's JSON-RPC `get_n_service_nodes`.
 * @param body the request's body, at most {@link MAXIMUM_SEED_REQUEST_BYTES}.
 * @param list the nodes; `null` if none are known: 503.
 * @param random for a `limit`, which means that many random nodes.
 */
export function answerSeedRequest(body: Uint8Array, list: NodeList | null, random: Random): SeedReply {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return failure(400, null, -32_700, 'Parse error');
  }
  const request = requestSchema.safeParse(json);
  if (!request.success) return failure(400, null, -32_600, 'Invalid Request');
  const { id = null, method, params } = request.data;
  if (method !== 'get_n_service_nodes' && method !== 'get_service_nodes') {
    return failure(200, id, -32_601, 'Method not found');
  }
  if (!list) return failure(503, id, -32_603, 'No nodes known yet');
  const result = jsonOf(serviceNodes(list, params, random));
  return { status: 200, body: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}` };
}

/**
 * oxend's `get_service_nodes` over our own list (node-network §10.3), for seeds and for the nodes' `oxend_request`.
 * @param params as a client sent them; what is malformed counts as absent, as in oxend.
 * @param random for a `limit`, which means that many random nodes (negative: all of them, shuffled).
 */
export function serviceNodes(list: NodeList, params: unknown, random: Random): ServiceNodesResult {
  const { fields = null, active_only = false, limit = 0, service_node_pubkeys = [] } = paramsSchema.parse(params);
  if (limit === 0 && service_node_pubkeys.length === 0) return wholeList(list, active_only, fields);
  const wanted = new Set(service_node_pubkeys.map((key) => key.toLowerCase()));
  const chosen = entriesOf(list).filter(
    (entry) => (!active_only || entry.active) && (wanted.size === 0 || wanted.has(entry.service_node_pubkey)),
  );
  const some = limit === 0 ? chosen : shuffled(chosen, random).slice(0, limit > 0 ? limit : undefined);
  return resultOf(list, some, fields);
}

type Fields = ReadonlySet<string> | null;
type Entry = ReturnType<typeof entryOf>;

/** Clients ask for one of two or three sets of fields. */
const MOST_KEPT = 4;
const entriesOfLists = new WeakMap<NodeList, readonly Entry[]>();
const wholeLists = new WeakMap<NodeList, Map<string, ServiceNodesResult>>();

/** Made once for each list and set of fields: anybody may ask for it as often as they like. */
function wholeList(list: NodeList, activeOnly: boolean, fields: Fields): ServiceNodesResult {
  const kept = wholeLists.get(list) ?? new Map<string, ServiceNodesResult>();
  wholeLists.set(list, kept);
  const known = [...HEAD_FIELDS, ...ENTRY_FIELDS].filter((name) => fields === null || fields.has(name));
  const name = `${activeOnly} ${known}`;
  const active = () => entriesOf(list).filter((entry) => !activeOnly || entry.active);
  const made = kept.get(name) ?? resultOf(list, active(), fields);
  kept.delete(name);
  kept.set(name, made);
  for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
  return made;
}

function resultOf(list: NodeList, entries: readonly Entry[], fields: Fields): ServiceNodesResult {
  const [hardfork, snode_revision] = list.hardFork;
  const head = { height: list.epoch, block_hash: bytesToHex(list.digest), hardfork, snode_revision };
  return {
    ...picked(head, HEAD_FIELDS, fields),
    status: 'OK',
    service_node_states: entries.map((entry) => picked(entry, ENTRY_FIELDS, fields)),
  };
}

const HEAD_FIELDS = ['height', 'block_hash', 'hardfork', 'snode_revision'] as const;

/** Of `names` those that are asked for. A loop, because lists are long. */
function picked<Name extends string>(
  whole: Readonly<Record<Name, unknown>>,
  names: readonly Name[],
  fields: Fields,
): Record<string, unknown> {
  const part: Record<string, unknown> = {};
  for (const name of names) if (fields === null || fields.has(name)) part[name] = whole[name];
  return part;
}

function entriesOf(list: NodeList): readonly Entry[] {
  const known = entriesOfLists.get(list);
  if (known) return known;
  const entries = list.nodes.flatMap((node) => {
    const x25519Key = list.x25519Key(node);
    return x25519Key ? [entryOf(node, x25519Key)] : [];
  });
  entriesOfLists.set(list, entries);
  return entries;
}

function entryOf(node: NodeRecord, x25519Key: Uint8Array) {
  return {
    service_node_pubkey: bytesToHex(nodeLegacyKey(node)),
    pubkey_ed25519: bytesToHex(node.ed25519Key),
    pubkey_x25519: bytesToHex(x25519Key),
    public_ip: node.ip,
    storage_port: node.httpsPort,
    storage_lmq_port: node.omqPort,
    storage_server_version: node.version,
    swarm_id: node.swarmId,
    swarm: formatSwarmId(node.swarmId),
    funded: true,
    active: node.swarmId !== NO_SWARM,
    requested_unlock_height: 0,
  };
}

const ENTRY_FIELDS = [
  'service_node_pubkey',
  'pubkey_ed25519',
  'pubkey_x25519',
  'public_ip',
  'storage_port',
  'storage_lmq_port',
  'storage_server_version',
  'swarm_id',
  'swarm',
  'funded',
  'active',
  'requested_unlock_height',
] as const satisfies readonly (keyof Entry)[];

function failure(status: SeedReply['status'], id: string | number | null, code: number, message: string): SeedReply {
  return { status, body: JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }) };
}

const texts = new WeakMap<ServiceNodesResult, string>();

function jsonOf(result: ServiceNodesResult): string {
  const text = texts.get(result) ?? exactJson(result);
  texts.set(result, text);
  return text;
}

/** JSON whose bigints are written digit by digit. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? rawJSON(part.toString()) : part));
}

/** Fisher–Yates; 32 random bits for at most 10,000 entries leave no bias that matters. */
function shuffled<T>(entries: readonly T[], random: Random): T[] {
  const mixed = [...entries];
  for (let index = mixed.length - 1; index > 0; index--) {
    const draw = Buffer.from(random(4)).readUInt32BE() % (index + 1);
    [mixed[index], mixed[draw]] = [mixed[draw]!, mixed[index]!];
  }
  return mixed;
}
