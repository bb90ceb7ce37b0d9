import { type BtDict, type BtValue, encodeBt } from '@sotto/wire/bt';
import { concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Sign, ed25519Verify, type KeyPair } from '@sotto/wire/crypto';
import { bytesOf, canonicalBt, canonicalDict, integerOf, listOf, malformed, requireAscending } from './canonical.ts';
import type { AdmittedNode } from './compose.ts';
import { DirectoryError } from './errors.ts';
import { type NetworkParameters, parametersFromBt } from './parameters.ts';
import { MAXIMUM_NODES } from './signed-directory.ts';

/** The largest signed vote that is read, in bytes. */
export const MAXIMUM_VOTE_BYTES = 2 * 1024 * 1024;

const CONTEXT = utf8ToBytes('sotto-vote-v1');
const RECORD_BYTES = 52;
const CLAIM_BYTES = 48;
const MAXIMUM_CLAIMS = 20_000;
const MAXIMUM_SUCCESSIONS = 64;

/** What an authority says of a node that it has admitted. */
export interface VotedNode {
  readonly node: AdmittedNode;
  /** Of the node's newest descriptor, ms since 1970; 0 if the authority knows the node from the directory alone. */
  readonly time: number;
  /** Did the node answer the authority over HTTPS and OxenMQ? */
  readonly reachable: boolean;
}

/** An invite code that a node has used: nobody else can use it. */
export interface Claim {
  /** The code's 16-byte id. */
  readonly invite: Uint8Array;
  /** The node's Ed25519 key. */
  readonly node: Uint8Array;
}

/** What an authority says, apart from who and when (docs/protocol/directory.md §8.3). */
export interface VoteContent {
  /** At most 10,000, in any order. */
  readonly nodes: readonly VotedNode[];
  /** At most 20,000, in any order. */
  readonly claims: readonly Claim[];
  readonly parameters: NetworkParameters;
  /** A change of who decides that this authority agrees to: the succession's bytes and its signature over them. */
  readonly proposal: { readonly dict: Uint8Array; readonly signature: Uint8Array } | null;
}

/** One authority's vote on the next directory. */
export interface Vote extends VoteContent {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** The author's Ed25519 key. */
  readonly authority: Uint8Array;
  /** Of the directory that this round is about. */
  readonly epoch: number;
  /** Digest of the directory that it follows; 32 zeros before the first. */
  readonly previous: Uint8Array;
  /** By the author's clock, ms since 1970. */
  readonly time: number;
  /** The signed successions that the author knows, oldest first. */
  readonly successions: readonly Uint8Array[];
}

/** Encodes and signs a vote. @throws DirectoryError `encoding` for one that could not be read back. */
export function signVote(vote: Vote, { secretKey }: KeyPair): Uint8Array {
  const nodes = vote.nodes.toSorted((a, b) => Buffer.compare(a.node.ed25519Key, b.node.ed25519Key));
  const claims = vote.claims.toSorted((a, b) => Buffer.compare(a.invite, b.invite));
  const dict = encodeBt({
    '#': vote.networkId,
    a: vote.authority,
    c: concatBytes(...claims.flatMap(({ invite, node }) => [invite, node])),
    e: vote.epoch,
    n: encodeNodes(nodes),
    p: { ...vote.parameters },
    q: vote.previous,
    s: vote.proposal ? [vote.proposal.dict, vote.proposal.signature] : undefined,
    t: vote.time,
    x: vote.successions.length > 0 ? [...vote.successions] : undefined,
  });
  const signed = encodeBt([dict, ed25519Sign(signedMessage(dict), secretKey)]);
  verifyVote(signed);
  return signed;
}

/** Reads a vote and verifies its author's signature. @throws DirectoryError `encoding` or `signatures`. */
export function verifyVote(bytes: Uint8Array): Vote {
  if (bytes.length > MAXIMUM_VOTE_BYTES) throw malformed('a vote that is too large');
  const outer = listOf(canonicalBt(bytes), 'a vote');
  if (outer.length !== 2) throw malformed('a vote must be a list of two');
  const dictBytes = bytesOf(outer[0], 'the signed part');
  const signature = bytesOf(outer[1], 'the signature', 64);
  const dict = canonicalDict(dictBytes);
  const authority = bytesOf(dict.get('a'), 'a', 32);
  if (!ed25519Verify(signedMessage(dictBytes), signature, authority)) {
    throw new DirectoryError('signatures', 'the vote is not signed by its author');
  }
  return { authority, ...decodeVote(dict) };
}

function decodeVote(dict: BtDict): Omit<Vote, 'authority'> {
  const parameters = dict.get('p');
  if (!(parameters instanceof Map)) throw malformed('p must be a dict');
  return {
    networkId: bytesOf(dict.get('#'), '#', 32),
    claims: decodeClaims(bytesOf(dict.get('c'), 'c')),
    epoch: integerOf(dict.get('e'), 'e'),
    nodes: decodeNodes(bytesOf(dict.get('n'), 'n')),
    parameters: parametersFromBt(parameters),
    previous: bytesOf(dict.get('q'), 'q', 32),
    proposal: dict.has('s') ? decodeProposal(dict.get('s')) : null,
    time: integerOf(dict.get('t'), 't'),
    successions: dict.has('x') ? decodeSuccessions(dict.get('x')) : [],
  };
}

function encodeNodes(nodes: readonly VotedNode[]): Uint8Array {
  const bytes = new Uint8Array(nodes.length * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  nodes.forEach(({ node, time, reachable }, index) => {
    const start = index * RECORD_BYTES;
    bytes.set(node.ed25519Key, start);
    view.setBigUint64(start + 32, BigInt(time));
    bytes.set(node.ip.split('.').map(Number), start + 40);
    view.setUint16(start + 44, node.httpsPort);
    view.setUint16(start + 46, node.omqPort);
    bytes.set(node.version, start + 48);
    bytes[start + 51] = reachable ? 1 : 0;
  });
  return bytes;
}

function decodeNodes(bytes: Uint8Array): VotedNode[] {
  const count = countOf(bytes, RECORD_BYTES, MAXIMUM_NODES, 'nodes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const nodes = Array.from({ length: count }, (_, index): VotedNode => {
    const start = index * RECORD_BYTES;
    const time = view.getBigUint64(start + 32);
    const reachable = bytes[start + 51]!;
    if (time > Number.MAX_SAFE_INTEGER || reachable > 1) throw malformed('a node of a vote');
    return {
      node: {
        ed25519Key: bytes.subarray(start, start + 32),
        ip: bytes.subarray(start + 40, start + 44).join('.'),
        httpsPort: view.getUint16(start + 44),
        omqPort: view.getUint16(start + 46),
        version: [bytes[start + 48]!, bytes[start + 49]!, bytes[start + 50]!],
      },
      time: Number(time),
      reachable: reachable === 1,
    };
  });
  requireAscending(
    nodes.map(({ node }) => node.ed25519Key),
    'nodes',
  );
  return nodes;
}

function decodeClaims(bytes: Uint8Array): Claim[] {
  const count = countOf(bytes, CLAIM_BYTES, MAXIMUM_CLAIMS, 'claims');
  const claims = Array.from({ length: count }, (_, index) => {
    const start = index * CLAIM_BYTES;
    return { invite: bytes.subarray(start, start + 16), node: bytes.subarray(start + 16, start + CLAIM_BYTES) };
  });
  requireAscending(
    claims.map(({ invite }) => invite),
    'claims',
  );
  return claims;
}

function decodeProposal(value: BtValue | undefined): Vote['proposal'] {
  const pair = listOf(value, 's');
  if (pair.length !== 2) throw malformed('s must be a list of two');
  return { dict: bytesOf(pair[0], 's'), signature: bytesOf(pair[1], 's', 64) };
}

function decodeSuccessions(value: BtValue | undefined): Uint8Array[] {
  const list = listOf(value, 'x');
  if (list.length === 0 || list.length > MAXIMUM_SUCCESSIONS) throw malformed('x must hold 1 to 64 successions');
  return list.map((entry) => bytesOf(entry, 'x'));
}

function countOf(bytes: Uint8Array, size: number, most: number, what: string): number {
  const count = bytes.length / size;
  if (!Number.isInteger(count) || count > most) throw malformed(`${what} that are none, or too many`);
  return count;
}

function signedMessage(dict: Uint8Array): Uint8Array {
  return concatBytes(CONTEXT, blake2b(32, dict));
}
