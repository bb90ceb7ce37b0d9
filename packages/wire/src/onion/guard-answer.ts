import { bytesToHex } from '../bytes/index.ts';
import type { NodeDestination, OnionNode, ServerDestination } from './build-onion.ts';

/** Who a request was for, as far as judging its failure goes. */
export type AnswerOrigin = Pick<NodeDestination, 'kind' | 'ed25519Key'> | Pick<ServerDestination, 'kind'>;

/**
 * What a client does about a guard's answer (onion-requests §4.4, column "new client"). `node` is lower-case hex.
 *
 * - `open`: give the body to `openReply`; if that throws, count a path strike.
 * - `remove-node`: the sender knows no such node; drop it everywhere, and strike the path.
 * - `strike-node`: the node is out of contact or not ready; strike it, and also the path if `strikePath`.
 * - `strike-guard`: the guard is busy or starting; strike it and use another path.
 * - `strike-path`: strike the path; `retry` on another one unless the request itself was refused.
 * - `resync-clock`: measure the clock with other nodes (never from this answer), then retry once.
 * - `server-unreachable`: the exit could not reach the server; the path is not to blame.
 * - `server-error`: the server's own, unauthenticated answer; the path is not to blame.
 */
export type GuardVerdict =
  | { readonly action: 'open' }
  | { readonly action: 'remove-node'; readonly node: string }
  | { readonly action: 'strike-node'; readonly node: string; readonly strikePath: boolean }
  | { readonly action: 'strike-guard' }
  | { readonly action: 'strike-path'; readonly retry: boolean }
  | { readonly action: 'resync-clock' }
  | { readonly action: 'server-unreachable' }
  | { readonly action: 'server-error'; readonly status: number };

const NEXT_NODE_NOT_FOUND = 'Next node not found: ';
const NEXT_NODE_UNREACHABLE = 'Next node is currently unreachable: ';
const SNODE_NOT_READY = 'Snode not ready: ';

/** What nodes themselves say in the clear, by status; any other text of a request to a server may be the server's. */
const NODE_TEXTS: ReadonlyMap<number, { readonly starts: readonly string[]; readonly verdict: GuardVerdict }> = new Map(
  [
    [
      400,
      {
        starts: [
          'Error parsing onion request',
          'Invalid ciphertext',
          'Invalid internal onion request',
          'onion request max path length exceeded',
        ],
        verdict: { action: 'strike-path', retry: false },
      },
    ],
    [500, { starts: ['Invalid response from snode'], verdict: { action: 'strike-path', retry: true } }],
    [503, { starts: ['Service node is not ready', 'Server busy'], verdict: { action: 'strike-guard' } }],
    [504, { starts: ['Request time out'], verdict: { action: 'strike-path', retry: true } }],
  ],
);

/**
 * Judges the HTTP answer of a guard; of a `body` with status 200 only matters whether it is empty. Nothing but status 200 is authenticated, so a node that the text names is believed
 * only where an honest hop of this path could have named it (onion-requests §7.3), and no status that only a
 * destination may give, such as 421, is taken from here.
 */
export function classifyGuardAnswer(
  status: number,
  body: string,
  path: readonly OnionNode[],
  destination: AnswerOrigin,
): GuardVerdict {
  if (status === 200) return body === '' ? { action: 'strike-path', retry: true } : { action: 'open' };
  const verdict = judgeNamedNode(body, path, destination) ?? judgeNodeText(status, body);
  if (verdict !== null) return verdict;
  // 421 is never outside, so a server cannot have sent it either.
  if (destination.kind === 'node' || status === 421) return { action: 'strike-path', retry: status !== 400 };
  switch (status) {
    case 406:
    case 425:
      return { action: 'resync-clock' };
    case 502:
    case 504:
      return { action: 'server-unreachable' };
    default:
      return { action: 'server-error', status };
  }
}

/** The key after `Next node not found: `, if the text is that and the key one of those that may be named; else null. */
export function missingNode(body: string, path: readonly OnionNode[], destination: AnswerOrigin): string | null {
  return namedNode(body, NEXT_NODE_NOT_FOUND, relayTargets(path, destination));
}

function judgeNamedNode(body: string, path: readonly OnionNode[], destination: AnswerOrigin): GuardVerdict | null {
  const missing = missingNode(body, path, destination);
  if (missing !== null) return { action: 'remove-node', node: missing };
  const unreachable = namedNode(body, NEXT_NODE_UNREACHABLE, relayTargets(path, destination));
  if (unreachable !== null) return { action: 'strike-node', node: unreachable, strikePath: true };
  const unready = namedNode(body, SNODE_NOT_READY, [...path.slice(0, 1), ...relayTargets(path, destination)]);
  if (unready !== null) return { action: 'strike-node', node: unready, strikePath: false };
  const accusesStranger = [NEXT_NODE_NOT_FOUND, NEXT_NODE_UNREACHABLE, SNODE_NOT_READY].some((start) =>
    body.startsWith(start),
  );
  return accusesStranger ? { action: 'strike-path', retry: true } : null;
}

function judgeNodeText(status: number, body: string): GuardVerdict | null {
  const known = NODE_TEXTS.get(status);
  return known?.starts.some((start) => body.startsWith(start)) ? known.verdict : null;
}

/** The nodes that some hop of the path had to look up: all but the guard, and the destination. */
function relayTargets(path: readonly OnionNode[], destination: AnswerOrigin): readonly Pick<OnionNode, 'ed25519Key'>[] {
  return destination.kind === 'node' ? [...path.slice(1), destination] : path.slice(1);
}

function namedNode(body: string, start: string, candidates: readonly Pick<OnionNode, 'ed25519Key'>[]): string | null {
  if (!body.startsWith(start)) return null;
  const named = body.slice(start.length).trimEnd().toLowerCase();
  return candidates.map(({ ed25519Key }) => bytesToHex(ed25519Key)).find((key) => key === named) ?? null;
}
