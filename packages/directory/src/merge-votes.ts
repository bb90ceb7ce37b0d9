import { encodeBt } from '@sotto/wire/bt';
import { bytesToHex, equalBytes, hexToBytes } from '@sotto/wire/bytes';
import { type AdmittedNode, composeDirectory } from './compose.ts';
import type { NetworkParameters } from './parameters.ts';
import { type Directory, type DirectorySignature, MAXIMUM_NODES } from './signed-directory.ts';
import { assembleSuccession, type DecidingAuthorities, readSuccession, successionSigners } from './succession.ts';
import type { Claim, Vote } from './vote.ts';

/** What a round decides about. */
export interface MergeInput {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly epoch: number;
  readonly threshold: number;
  /** The directory before; `null` for a network's first. */
  readonly previous: Directory | null;
  /** At least one; at most one of each authority, all about this epoch and the same directory before. In any order. */
  readonly votes: readonly Vote[];
}

/** What follows from a set of votes. */
export interface Merged {
  readonly directory: Directory;
  /** Who has used which invite code, as far as more than half of the votes know of it. */
  readonly claims: readonly Claim[];
}

/**
 * Makes the next directory of the votes (docs/protocol/directory.md §8.5). It depends on nothing but its input, so all
 * authorities that hold the same votes make the same bytes.
 */
export function mergeVotes({ networkId, epoch, threshold, previous, votes }: MergeInput): Merged {
  const sorted = votes.toSorted((a, b) => Buffer.compare(a.authority, b.authority));
  const listed = new Map(previous?.nodes.map((node) => [bytesToHex(node.ed25519Key), node]));
  const claims = mergeClaims(sorted, listed);
  const parameters = mergeParameters(sorted, previous);
  const members = new Set(claims.map(({ node }) => bytesToHex(node)));
  const nodes = [...votesByNode(sorted)]
    .filter(([key]) => parameters.join !== 'invite' || members.has(key) || listed.has(key))
    .filter(([, said]) => isMajority(said.filter(({ reachable }) => reachable).length, votes))
    .flatMap(([key, said]) => agreedRecord(said, threshold) ?? listed.get(key) ?? []);
  // Should there be more than a directory can hold, those that were in the last one stay.
  const kept = nodes
    .sort((a, b) => rank(a, listed) - rank(b, listed) || Buffer.compare(a.ed25519Key, b.ed25519Key))
    .slice(0, MAXIMUM_NODES);
  const now = Math.max(lowerMedian(sorted.map(({ time }) => time)), (previous?.validFrom ?? 0) + 1);
  return { directory: composeDirectory({ networkId, previous, nodes: kept, parameters, now, epoch }), claims };
}

/**
 * The next succession, signed, if a threshold of the votes agrees to one and the same; else `null`.
 * @param after how many successions there were.
 */
export function agreedSuccession(
  networkId: Uint8Array,
  deciding: DecidingAuthorities,
  after: number,
  votes: readonly Vote[],
): Uint8Array | null {
  const proposals = new Map<string, DirectorySignature[]>();
  for (const { authority, proposal } of votes) {
    if (!proposal) continue;
    const name = bytesToHex(proposal.dict);
    proposals.set(name, [...(proposals.get(name) ?? []), { authority, signature: proposal.signature }]);
  }
  for (const [name, signatures] of proposals) {
    if (signatures.length < deciding.threshold) continue;
    try {
      const signed = readSuccession(assembleSuccession(hexToBytes(name), signatures));
      const signers = successionSigners(deciding, signed);
      const { succession } = signed;
      const fits = succession.number === after + 1 && equalBytes(succession.networkId, networkId);
      if (fits && signers.length >= deciding.threshold) return assembleSuccession(signed.dict, signers);
    } catch {
      // Some authority proposed nonsense; that is no reason to overlook what the others propose.
    }
  }
  return null;
}

interface Said {
  readonly node: AdmittedNode;
  readonly time: number;
  readonly reachable: boolean;
}

function votesByNode(votes: readonly Vote[]): Map<string, Said[]> {
  const byNode = new Map<string, Said[]>();
  for (const { nodes } of votes) {
    for (const said of nodes) {
      const key = bytesToHex(said.node.ed25519Key);
      byNode.set(key, [...(byNode.get(key) ?? []), said]);
    }
  }
  return byNode;
}

/** Where the newest descriptor says that the node is on which as many authorities as must sign agree; else nothing. */
function agreedRecord(said: readonly Said[], threshold: number): AdmittedNode | undefined {
  const groups = Map.groupBy(said, ({ node }) => [node.ip, node.httpsPort, node.omqPort, ...node.version].join(' '));
  const agreed = [...groups.values()]
    .filter((group) => group.length >= threshold)
    .map((group) => ({ node: group[0]!.node, newest: Math.max(...group.map(({ time }) => time)) }));
  return agreed.sort((a, b) => b.newest - a.newest || compareText(a.node, b.node))[0]?.node;
}

function compareText(a: AdmittedNode, b: AdmittedNode): number {
  return JSON.stringify([a.ip, a.httpsPort, a.omqPort]) < JSON.stringify([b.ip, b.httpsPort, b.omqPort]) ? -1 : 1;
}

/** The user of a code is whom most votes name; of equally many the one that is listed already, then the lower key. */
function mergeClaims(votes: readonly Vote[], listed: ReadonlyMap<string, unknown>): Claim[] {
  const users = new Map<string, Map<string, number>>();
  for (const { claims } of votes) {
    for (const { invite, node } of claims) {
      const id = bytesToHex(invite);
      const counts = users.get(id) ?? new Map<string, number>();
      const key = bytesToHex(node);
      users.set(id, counts.set(key, (counts.get(key) ?? 0) + 1));
    }
  }
  return [...users].flatMap(([id, counts]) => {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (!isMajority(total, votes)) return [];
    const [user] = [...counts].sort(
      ([keyA, a], [keyB, b]) => b - a || Number(listed.has(keyB)) - Number(listed.has(keyA)) || (keyA < keyB ? -1 : 1),
    );
    return [{ invite: hexToBytes(id), node: hexToBytes(user![0]) }];
  });
}

/** What more than half of the votes say; else what held so far; else what the first says. */
function mergeParameters(votes: readonly Vote[], previous: Directory | null): NetworkParameters {
  const groups = Map.groupBy(votes, ({ parameters }) => bytesToHex(encodeBt({ ...parameters })));
  const agreed = [...groups.values()].find((group) => isMajority(group.length, votes));
  return agreed?.[0]?.parameters ?? previous?.parameters ?? votes[0]!.parameters;
}

function isMajority(count: number, votes: readonly Vote[]): boolean {
  return count * 2 > votes.length;
}

function rank({ ed25519Key }: AdmittedNode, listed: ReadonlyMap<string, unknown>): number {
  return listed.has(bytesToHex(ed25519Key)) ? 0 : 1;
}

/** The middle of the times, the lower one of two, so that one authority's wrong clock does not move it far. */
function lowerMedian(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) / 2)]!;
}
