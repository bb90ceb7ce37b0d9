import { type ChainList, joinedChainList, parseChainList, parseOxendJson, serviceNodesParams } from '@sotto/directory';
import { batchOf, buildActiveNodes, buildOxendRequest, parseAnswer, parseBatchReply } from '@sotto/wire/rpc';
import type { ListUsers } from '../list-source.ts';
import type { Relay } from '../relay.ts';

/** What a list tells besides its nodes; oxend names some node with it, and one is enough. */
const HEAD_PARAMS = {
  active_only: true,
  limit: 1,
  fields: Object.fromEntries(
    ['height', 'block_hash', 'hardfork', 'snode_revision', 'service_node_pubkey', 'swarm_id'].map((name) => [
      name,
      true,
    ]),
  ),
};

/**
 * Which nodes of the chain one of them says that there are (onion-requests §3.3): as 51 bytes a node, or from a node that
 * does not know that form as JSON, which is many times as long. `null` if it gives no list. Never rejects: nobody is struck
 * for it, since a node's daemon may be away.
 */
export async function askNode(users: ListUsers, mirror: Relay, signal: AbortSignal): Promise<ChainList | null> {
  try {
    return (await askForRecords(users, mirror, signal)) ?? (await askForJson(users, mirror, signal));
  } catch {
    return null;
  }
}

/** `null` if the node has no such list, or what it gives is none. */
async function askForRecords(users: ListUsers, mirror: Relay, signal: AbortSignal): Promise<ChainList | null> {
  const head = buildOxendRequest('get_service_nodes', HEAD_PARAMS);
  const { status, body } = await users.askMirror(mirror, batchOf('batch', [buildActiveNodes(), head]), signal);
  if (status !== 200) return null;
  try {
    const [first, second] = parseBatchReply(parseOxendJson(body), 2);
    const nodes = parseAnswer('active_nodes_bin', first!);
    const told = parseAnswer('oxend_request', second!);
    return nodes.kind === 'done' && told.kind === 'done' ? joinedChainList(told.reply.result, nodes.reply) : null;
  } catch {
    return null;
  }
}

async function askForJson(users: ListUsers, mirror: Relay, signal: AbortSignal): Promise<ChainList | null> {
  const request = buildOxendRequest('get_service_nodes', serviceNodesParams(null, true));
  const { status, body } = await users.askMirror(mirror, request, signal);
  return status === 200 ? parseChainList(body) : null;
}
