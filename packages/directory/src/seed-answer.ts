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
  return { status: 200, body: exactJson({ jsonrpc: '2.0', id, result: serviceNodes(list, params, random) }) };
}

/**
 * oxend's `get_service_nodes` over our own list (node-network §10.3), for seeds and for the nodes' `oxend_request`.
 * @param params as a client sent them; what is malformed counts as absent, as in oxend.
 * @param random for a `limit`, which means that many random nodes (negative: all of them, shuffled).
 */
export function serviceNodes(list: NodeList, params: unknown, random: Random): ServiceNodesResult {
  const { fields = null, active_only = false, limit = 0, service_node_pubkeys = [] } = paramsSchema.parse(params);
  const wanted = new Set(service_node_pubkeys.map((key) => key.toLowerCase()));
  const pick = (entry: object) =>
    Object.fromEntries(Object.entries(entry).filter(([name]) => fields === null || fields.has(name)));
  const chosen = list.nodes.filter(
    (node) =>
      (!active_only || node.swarmId !== NO_SWARM) && (wanted.size === 0 || wanted.has(bytesToHex(nodeLegacyKey(node)))),
  );
  const entries = chosen.flatMap((node) => {
    const x25519Key = list.x25519Key(node);
    return x25519Key ? [pick(nodeEntry(node, x25519Key))] : [];
  });
  const [hardfork, snode_revision] = list.hardFork;
  return {
    ...pick({ height: list.epoch, block_hash: bytesToHex(list.digest), hardfork, snode_revision }),
    status: 'OK',
    service_node_states: limit === 0 ? entries : shuffled(entries, random).slice(0, limit > 0 ? limit : undefined),
  };
}

function nodeEntry(node: NodeRecord, x25519Key: Uint8Array): object {
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

function failure(status: SeedReply['status'], id: string | number | null, code: number, message: string): SeedReply {
  return { status, body: JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }) };
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
