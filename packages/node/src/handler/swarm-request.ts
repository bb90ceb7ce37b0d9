import { WireError } from '@sotto/wire';
import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { forwardedParams, parseMemberReply, type SwarmRequest } from '@sotto/wire/rpc';
import type { PeerLink } from '../peers.ts';
import type { ReplyObject } from './rpc-reply.ts';

/** How long the members of the swarm have to answer, ms (storage-rpc §2.5). */
const FORWARD_TIMEOUT_MS = 5_000;

/** What running a request on the whole swarm needs. */
export interface SwarmRequestOptions {
  readonly peers: readonly NodeRecord[];
  readonly link: PeerLink;
  readonly ownKey: Uint8Array;
  /** Told of members that missed the request; `params` is what was sent to them. */
  readonly onMissed: (peer: NodeRecord, request: SwarmRequest, params: Uint8Array) => Promise<void>;
}

/** The combined answer, without `t` and `hf`. */
export interface SwarmReply {
  readonly status: number;
  readonly body: ReplyObject;
}

/**
 * Runs a request that passed this node's checks on all members of the swarm at once: on the others by `sn.storage_cc`,
 * here by
 * `local`. Resolves when all have answered or timed out (storage-rpc §2.5, §2.6).
 */
export async function runOnSwarm(
  request: SwarmRequest,
  local: () => Promise<ReplyObject>,
  options: SwarmRequestOptions,
): Promise<SwarmReply> {
  const params = forwardedParams(request);
  const [own, others] = await Promise.all([local(), askPeers(request, params, options)]);
  const swarm: Record<string, ReplyObject> = { [bytesToHex(options.ownKey)]: own };
  for (const { peer, result } of others) swarm[bytesToHex(peer.ed25519Key)] = result;
  // Before the client hears of success, or a crash could leave a member without it for good.
  await Promise.all(
    others.filter(({ result }) => isMissed(result)).map(({ peer }) => options.onMissed(peer, request, params)),
  );
  return { status: statusOf(request, Object.values(swarm)), body: { swarm, hash: own.hash } };
}

/** Refusals that say something about the member (its clock, its node list, its load) and nothing about the request. */
const PASSING_REFUSALS: readonly unknown[] = ['406', '421', '429', '500', '503'];

/** Does this member have to be told later? It was away, its database failed, or it was not up to date. */
function isMissed(result: ReplyObject): boolean {
  const { timeout, query_failure, bad_peer_response, code } = result;
  return Boolean(timeout || query_failure || bad_peer_response) || PASSING_REFUSALS.includes(code);
}

interface PeerResult {
  readonly peer: NodeRecord;
  readonly result: ReplyObject;
}

async function askPeers(
  request: SwarmRequest,
  params: Uint8Array,
  { peers, link }: SwarmRequestOptions,
): Promise<PeerResult[]> {
  const parts = [Buffer.from(request.method), params];
  return Promise.all(
    peers.map(async (peer) => {
      const reply = await link.request(peer, 'sn.storage_cc', parts, FORWARD_TIMEOUT_MS);
      return { peer, result: memberResult(reply) };
    }),
  );
}

function statusOf(request: SwarmRequest, results: readonly ReplyObject[]): number {
  const succeeded = results.filter((result) => !result.failed);
  if (succeeded.length === 0) return 500;
  const nothingDeleted = succeeded.every(({ deleted }) => Array.isArray(deleted) && deleted.length === 0);
  return request.method === 'delete' && request.required && nothingDeleted ? 404 : 200;
}

/** A peer's reply parts as its member result (node-network §5.4). */
function memberResult(reply: readonly Uint8Array[] | null): ReplyObject {
  if (reply === null) return { failed: true, timeout: true };
  const [first, second] = reply;
  if (first && second && reply.length === 2) {
    return { failed: true, code: shortText(first), reason: shortText(second) };
  }
  const result = first && reply.length === 1 ? resultDict(first) : null;
  return result ?? { failed: true, bad_peer_response: true };
}

const MAX_TEXT_BYTES = 500;

function shortText(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, MAX_TEXT_BYTES)).toString('utf8');
}

function resultDict(bytes: Uint8Array): ReplyObject | null {
  try {
    return parseMemberReply(bytes);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
