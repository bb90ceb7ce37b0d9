import type { NodeDestination, OnionNode } from './build-onion.ts';
import { missingNode } from './guard-answer.ts';

/**
 * What a client does about the status inside a node's answer, or of one result of a batch (onion-requests §4.4).
 *
 * - `done`: use the body.
 * - `refused`: hand status and body to whoever asked; nobody is to blame.
 * - `unauthorized`: stop (a group's poll takes it for having been removed).
 * - `resync-clock`: measure the clock, then retry once.
 * - `wrong-swarm`: the body may hold the right one (§5.2).
 * - `remove-node`: drop that node and ask another destination.
 * - `strike-destination`: the destination failed.
 */
export type NodeVerdict =
  | { readonly action: 'done' | 'refused' | 'unauthorized' | 'resync-clock' | 'wrong-swarm' | 'strike-destination' }
  | { readonly action: 'remove-node'; readonly node: string };

/**
 * Judges a status that the destination itself sealed. It may still lie about other nodes, so a missing node is believed
 * under the same rule as outside (onion-requests §7.3).
 */
export function classifyNodeReply(
  status: number,
  body: string,
  path: readonly OnionNode[],
  destination: Pick<NodeDestination, 'kind' | 'ed25519Key'>,
): NodeVerdict {
  switch (status) {
    case 200:
      return { action: 'done' };
    case 400:
      return { action: 'refused' };
    case 401:
      return { action: 'unauthorized' };
    case 406:
    case 425:
      return { action: 'resync-clock' };
    case 421:
      return { action: 'wrong-swarm' };
  }
  const node = missingNode(body, path, destination);
  if (node !== null) return { action: 'remove-node', node };
  return { action: status >= 500 ? 'strike-destination' : 'refused' };
}
