import { type BtValue, encodeBt } from '@sotto/wire/bt';
import { concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Sign, ed25519Verify, type KeyPair } from '@sotto/wire/crypto';
import { decodeNodeRecords, encodeNodeRecords, type NodeRecord } from '@sotto/wire/nodes';
import { bytesOf, canonicalBt, canonicalDict, integerOf, listOf, malformed, requireAscending } from './canonical.ts';
import { type NetworkParameters, parametersFromBt } from './parameters.ts';

/** The largest signed directory that is read, in bytes. */
export const MAXIMUM_DIRECTORY_BYTES = 2 * 1024 * 1024;

/** The most nodes that a directory can list. */
export const MAXIMUM_NODES = 10_000;
const MAXIMUM_SIGNATURES = 64;
const MAXIMUM_SUCCESSIONS = 64;
const RECORD_BYTES = 51;
const SIGNATURE_CONTEXT = utf8ToBytes('sotto-directory-v1');

/** What authorities sign: which nodes there are from one moment to another (docs/protocol/directory.md §3). */
export interface Directory {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** Grows by one a round; a safe integer. */
  readonly epoch: number;
  /** ms since 1970. */
  readonly validFrom: number;
  /** ms since 1970, later than `validFrom`. */
  readonly validUntil: number;
  /** Ascending by Ed25519 key, no key twice, at most 10,000. */
  readonly nodes: readonly NodeRecord[];
  readonly parameters: NetworkParameters;
}

/** One authority's signature over a directory. */
export interface DirectorySignature {
  /** Ed25519, 32 bytes. */
  readonly authority: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** A directory as it travels: parsed, its signatures not verified yet. */
export interface SignedDirectory {
  readonly directory: Directory;
  /** BLAKE2b-256 of the signed dict, which names this directory. */
  readonly digest: Uint8Array;
  /** Ascending by authority, no authority twice. */
  readonly signatures: readonly DirectorySignature[];
  /** The signed successions since the network was made, oldest first (docs/protocol/directory.md §5.1). */
  readonly successions: readonly Uint8Array[];
}

/** A directory's bytes before anybody signed them. */
export interface UnsignedDirectory {
  readonly dict: Uint8Array;
  /** BLAKE2b-256 of `dict`. */
  readonly digest: Uint8Array;
}

/**
 * Encodes a directory and signs it with each of the given Ed25519 key pairs (docs/protocol/directory.md §3, §4).
 * Nodes are sorted here. `successions` are those since the network was made, signed.
 * @throws DirectoryError `encoding` for a directory that could not be read back.
 */
export function signDirectory(
  directory: Directory,
  authorities: readonly KeyPair[],
  successions: readonly Uint8Array[] = [],
): Uint8Array {
  const unsigned = encodeDirectory(directory);
  return assembleDirectory(
    unsigned,
    authorities.map((key) => directorySignature(unsigned.digest, key)),
    successions,
  );
}

/** One authority's signature over the directory with this digest. */
export function directorySignature(digest: Uint8Array, { publicKey, secretKey }: KeyPair): DirectorySignature {
  return { authority: publicKey, signature: ed25519Sign(signedMessage(digest), secretKey) };
}

/** The signed form of a directory and what authorities said about it, in any order (docs/protocol/directory.md §4). */
export function assembleDirectory(
  { dict }: UnsignedDirectory,
  signatures: readonly DirectorySignature[],
  successions: readonly Uint8Array[],
): Uint8Array {
  const pairs = signatures
    .toSorted((a, b) => Buffer.compare(a.authority, b.authority))
    .map(({ authority, signature }) => [authority, signature]);
  return encodeBt(successions.length > 0 ? [dict, pairs, [...successions]] : [dict, pairs]);
}

/**
 * Reads a signed directory without judging its signatures. Only the canonical encoding is taken, so that everybody
 * reads the same out of the same bytes. @throws DirectoryError `encoding` for anything else.
 */
export function decodeSignedDirectory(bytes: Uint8Array): SignedDirectory {
  if (bytes.length > MAXIMUM_DIRECTORY_BYTES) throw malformed('too large');
  const outer = listOf(canonicalBt(bytes), 'the whole');
  if (outer.length !== 2 && outer.length !== 3) throw malformed('the whole must be a list of two or three');
  const dict = bytesOf(outer[0], 'the signed part');
  return {
    directory: decodeDirectory(dict),
    digest: blake2b(32, dict),
    signatures: decodeSignatures(listOf(outer[1], 'the signatures')),
    successions: outer.length === 3 ? decodeSuccessions(listOf(outer[2], 'the successions')) : [],
  };
}

/** Is this the signature of the authority that it names, over the directory with this digest? */
export function isSignatureValid(digest: Uint8Array, { authority, signature }: DirectorySignature): boolean {
  return ed25519Verify(signedMessage(digest), signature, authority);
}

function signedMessage(digest: Uint8Array): Uint8Array {
  return concatBytes(SIGNATURE_CONTEXT, digest);
}

/**
 * The bytes that authorities sign (docs/protocol/directory.md §3).
 * @throws DirectoryError `encoding` for a directory that could not be read back.
 */
export function encodeDirectory(directory: Directory): UnsignedDirectory {
  const { networkId, epoch, validFrom, validUntil, nodes, parameters } = directory;
  let records: Uint8Array;
  try {
    records = encodeNodeRecords(nodes.toSorted((a, b) => Buffer.compare(a.ed25519Key, b.ed25519Key)));
  } catch (cause) {
    throw malformed('a node cannot be written', cause);
  }
  const dict = encodeBt({
    '#': networkId,
    e: epoch,
    f: validFrom,
    n: records,
    p: { ...parameters },
    u: validUntil,
  });
  decodeDirectory(dict);
  return { dict, digest: blake2b(32, dict) };
}

function decodeDirectory(bytes: Uint8Array): Directory {
  const dict = canonicalDict(bytes);
  const validFrom = integerOf(dict.get('f'), 'f');
  const validUntil = integerOf(dict.get('u'), 'u');
  if (validUntil <= validFrom) throw malformed('u must be later than f');
  const parameters = dict.get('p');
  if (!(parameters instanceof Map)) throw malformed('p must be a dict');
  return {
    networkId: bytesOf(dict.get('#'), '#', 32),
    epoch: integerOf(dict.get('e'), 'e'),
    validFrom,
    validUntil,
    nodes: decodeNodes(bytesOf(dict.get('n'), 'n')),
    parameters: parametersFromBt(parameters),
  };
}

function decodeNodes(bytes: Uint8Array): NodeRecord[] {
  if (bytes.length > MAXIMUM_NODES * RECORD_BYTES) throw malformed(`more than ${MAXIMUM_NODES} nodes`);
  let nodes: NodeRecord[];
  try {
    nodes = decodeNodeRecords(bytes);
  } catch (cause) {
    throw malformed('the node records do not parse', cause);
  }
  requireAscending(
    nodes.map(({ ed25519Key }) => ed25519Key),
    'nodes',
  );
  return nodes;
}

/** Only their number and type are looked at here; `readSuccession` judges the rest. */
function decodeSuccessions(list: readonly BtValue[]): Uint8Array[] {
  if (list.length === 0 || list.length > MAXIMUM_SUCCESSIONS) throw malformed('there may be 1 to 64 successions');
  return list.map((entry) => bytesOf(entry, 'a succession'));
}

/** Pairs of authority and signature, strictly ascending by authority, at most 64. @throws DirectoryError `encoding`. */
export function decodeSignatures(list: readonly BtValue[]): DirectorySignature[] {
  if (list.length > MAXIMUM_SIGNATURES) throw malformed('too many signatures');
  const signatures = list.map((entry) => {
    const pair = listOf(entry, 'a signature');
    if (pair.length !== 2) throw malformed('a signature must be a list of two');
    return { authority: bytesOf(pair[0], 'an authority key', 32), signature: bytesOf(pair[1], 'a signature', 64) };
  });
  requireAscending(
    signatures.map(({ authority }) => authority),
    'signatures',
  );
  return signatures;
}
