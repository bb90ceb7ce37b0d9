import { bytesToHex } from '@sotto/wire/bytes';
import { formatSwarmId } from '@sotto/wire/swarm';
import { z } from 'zod';
import type { Chain, ChainNode } from './chain.ts';

/** Node has it, TypeScript's libraries do not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** The outcome of an RPC: code and body, as oxend puts them into two parts. */
type RpcResult = readonly [code: '200' | '400' | '500', body: string];

/** What the stand-in tells whoever watches it. */
export type RpcEvent =
  | { readonly event: 'ping'; readonly node: number; readonly version: readonly number[] }
  | { readonly event: 'report'; readonly node: number; readonly about: number; readonly passed: boolean };

const serviceNodesSchema = z.object({
  fields: z
    .union([z.array(z.string()), z.record(z.string(), z.boolean())])
    .transform((fields) => (Array.isArray(fields) ? fields : Object.keys(fields).filter((name) => fields[name])))
    .optional(),
  active_only: z.boolean().optional(),
  limit: z.int().optional(),
  service_node_pubkeys: z.array(z.string()).optional(),
  poll_block_hash: z.string().optional(),
});

const pingSchema = z.object({
  version: z.array(z.int().min(0)).length(3),
  pubkey_ed25519: z.string(),
  https_port: z.int().min(0).max(0xffff),
  omq_port: z.int().min(0).max(0xffff),
  error: z.string().optional(),
});

const reportSchema = z.object({ type: z.string(), pubkey: z.string(), passed: z.boolean() });
const nameSchema = z.object({ type: z.literal(0), name_hash: z.string() });

const OLDEST_VERSION = [2, 8, 0];

/**
 * Answers the RPCs of node-network §10.2 for the daemon of one node; `data` is the request's data parts. `null` for a name
 * that there is not. `host` is the IP address that all nodes have.
 */
export function answerRpc(
  chain: Chain,
  own: number,
  name: string,
  data: readonly Uint8Array[],
  host: string,
  tell: (event: RpcEvent) => void,
): RpcResult {
  if (data.length > 1) {
    const text = `Bad request: RPC commands must have at most one data part (received ${data.length})`;
    return ['400', text];
  }
  let params: unknown;
  try {
    params = data[0]?.length ? JSON.parse(Buffer.from(data[0]).toString()) : {};
    switch (name) {
      case 'admin.get_service_node_privkey':
        return done(secretsOf(chain.nodes[own]!));
      case 'rpc.get_service_nodes':
        return done(serviceNodes(chain, own, serviceNodesSchema.parse(params)));
      case 'admin.storage_server_ping':
        return done({ status: ping(chain, own, pingSchema.parse(params), host, tell) });
      case 'admin.report_peer_status':
        return report(chain, own, reportSchema.parse(params), tell);
      case 'rpc.ons_resolve':
        return done(chain.names[nameSchema.parse(params).name_hash] ?? {});
      default:
        return ['500', 'An exception occured while processing your request'];
    }
  } catch (error) {
    return ['400', `Unable to parse request: ${(error as Error).message}`];
  }
}

/** All RPCs that there are. */
export const RPC_NAMES = [
  'admin.get_service_node_privkey',
  'admin.storage_server_ping',
  'admin.report_peer_status',
  'rpc.get_service_nodes',
  'rpc.ons_resolve',
] as const;

function secretsOf({ keys }: ChainNode) {
  return {
    service_node_privkey: bytesToHex(keys.legacy.secretKey),
    service_node_ed25519_privkey: bytesToHex(keys.ed25519.secretKey),
    service_node_x25519_privkey: bytesToHex(keys.x25519.secretKey),
    status: 'OK',
  };
}

function serviceNodes(chain: Chain, own: number, params: z.output<typeof serviceNodesSchema>) {
  const { fields = [], active_only, limit = 0, service_node_pubkeys = [], poll_block_hash } = params;
  const block_hash = bytesToHex(chain.hash);
  if (poll_block_hash === block_hash) return { status: 'OK', unchanged: true };
  const isWanted = (name: string) => fields.length === 0 || fields.includes('all') || fields.includes(name);
  const pick = (entry: object) => Object.fromEntries(Object.entries(entry).filter(([name]) => isWanted(name)));
  const [hardfork, snode_revision] = chain.hardFork;
  const entries = chain.nodes.flatMap((node, index) => {
    if (node.status === 'gone' || (active_only && node.status !== 'active')) return [];
    const pubkey = bytesToHex(node.keys.legacy.publicKey);
    if (service_node_pubkeys.length > 0 && !service_node_pubkeys.includes(pubkey)) return [];
    return [pick(entryOf(node, index === own))];
  });
  const chosen = limit === 0 ? entries : entries.slice(0, Math.abs(limit));
  const top = pick({ height: chain.height, block_hash, hardfork, snode_revision });
  return { ...top, service_node_states: chosen, status: 'OK' };
}

/** A daemon knows what its own storage server said at once, and of others what their last proof says (§10.5). */
function entryOf(node: ChainNode, isOwn: boolean): object {
  const proof = isOwn ? (node.current ?? node.published) : node.published;
  return {
    service_node_pubkey: bytesToHex(node.keys.legacy.publicKey),
    funded: true,
    active: node.status === 'active',
    swarm_id: rawJSON(String(node.swarmId)),
    swarm: formatSwarmId(node.swarmId),
    ...(proof && {
      public_ip: proof.ip,
      storage_port: proof.httpsPort,
      storage_lmq_port: proof.omqPort,
      storage_server_version: proof.version,
      pubkey_ed25519: bytesToHex(node.keys.ed25519.publicKey),
      pubkey_x25519: bytesToHex(node.keys.x25519.publicKey),
    }),
  };
}

function ping(
  chain: Chain,
  own: number,
  { version, pubkey_ed25519, https_port, omq_port, error }: z.output<typeof pingSchema>,
  ip: string,
  tell: (event: RpcEvent) => void,
): string {
  const node = chain.nodes[own]!;
  const expected = bytesToHex(node.keys.ed25519.publicKey);
  if (error) return `Error: ${error}`;
  if (pubkey_ed25519 !== expected) {
    return `Invalid Storage Server pubkey: expected ${expected}, received ${pubkey_ed25519}`;
  }
  if (isBefore(version, OLDEST_VERSION)) {
    return `Outdated Storage Server. Current: ${version.join('.')} Required: ${OLDEST_VERSION.join('.')}`;
  }
  node.current = { ip, httpsPort: https_port, omqPort: omq_port, version };
  tell({ event: 'ping', node: own, version });
  return 'OK';
}

function report(
  chain: Chain,
  own: number,
  { type, pubkey, passed }: z.output<typeof reportSchema>,
  tell: (event: RpcEvent) => void,
): RpcResult {
  if (!/^[0-9a-f]{64}$/i.test(pubkey)) return ['500', 'RPC error -1: Could not parse public key'];
  if (type !== 'storage') return ['500', 'RPC error -1: Unknown status type'];
  const about = chain.nodes.findIndex(({ keys }) => bytesToHex(keys.legacy.publicKey) === pubkey.toLowerCase());
  if (about < 0) return ['500', 'RPC error -1: Pubkey not found'];
  tell({ event: 'report', node: own, about, passed });
  return done({ status: 'OK' });
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const place = a.findIndex((part, index) => part !== b[index]);
  return place >= 0 && a[place]! < b[place]!;
}

function done(body: object): RpcResult {
  return ['200', JSON.stringify(body)];
}
