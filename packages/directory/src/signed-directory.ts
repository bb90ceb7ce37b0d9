import { type BtValue, decodeBt, encodeBt } from '@sotto/wire/bt';
import { concatBytes, equalBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Sign, ed25519Verify, type KeyPair } from '@sotto/wire/crypto';
import { decodeNodeRecords, encodeNodeRecords, type NodeRecord } from '@sotto/wire/nodes';
import { DirectoryError } from './errors.ts';
import { type NetworkParameters, parametersFromBt } from './parameters.ts';

/** The largest signed directory that is read, in bytes. */
export const MAXIMUM_DIRECTORY_BYTES = 2 * 1024 * 1024;

const MAXIMUM_NODES = 10_000;
const MAXIMUM_SIGNATURES = 64;
const MAXIMUM_SUCCESSORS = 32;
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
  /** The authorities' keys (32 bytes each) from the next directory on, ascending, where they change. */
  readonly succession: readonly Uint8Array[] | null;
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
}

/**
 * Encodes a directory and signs it with each of the given Ed25519 key pairs (docs/protocol/directory.md §3, §4).
 * Nodes and successors are sorted here. @throws DirectoryError `encoding` for a directory that could not be read back.
 */
export function signDirectory(directory: Directory, authorities: readonly KeyPair[]): Uint8Array {
  const dict = encodeDirectory(directory);
  decodeDirectory(dict);
  const message = signedMessage(blake2b(32, dict));
  const signatures = authorities
    .toSorted((a, b) => Buffer.compare(a.publicKey, b.publicKey))
    .map(({ publicKey, secretKey }) => [publicKey, ed25519Sign(message, secretKey)]);
  return encodeBt([dict, signatures]);
}

/**
 * Reads a signed directory without judging its signatures. Only the canonical encoding is taken, so that everybody
 * reads the same out of the same bytes. @throws DirectoryError `encoding` for anything else.
 */
export function decodeSignedDirectory(bytes: Uint8Array): SignedDirectory {
  if (bytes.length > MAXIMUM_DIRECTORY_BYTES) throw wrong('too large');
  const outer = listOf(canonicalBt(bytes), 'the whole');
  if (outer.length !== 2) throw wrong('the whole must be a list of two');
  const dict = bytesOf(outer[0], 'the signed part');
  return {
    directory: decodeDirectory(dict),
    digest: blake2b(32, dict),
    signatures: decodeSignatures(listOf(outer[1], 'the signatures')),
  };
}

/** Is this the signature of the authority that it names, over the directory with this digest? */
export function isSignatureValid(digest: Uint8Array, { authority, signature }: DirectorySignature): boolean {
  return ed25519Verify(signedMessage(digest), signature, authority);
}

function signedMessage(digest: Uint8Array): Uint8Array {
  return concatBytes(SIGNATURE_CONTEXT, digest);
}

function encodeDirectory(directory: Directory): Uint8Array {
  const { networkId, epoch, validFrom, validUntil, nodes, parameters, succession } = directory;
  let records: Uint8Array;
  try {
    records = encodeNodeRecords(nodes.toSorted((a, b) => Buffer.compare(a.ed25519Key, b.ed25519Key)));
  } catch (cause) {
    throw wrong('a node cannot be written', cause);
  }
  return encodeBt({
    '#': networkId,
    e: epoch,
    f: validFrom,
    n: records,
    p: { ...parameters },
    s: succession?.toSorted(Buffer.compare),
    u: validUntil,
  });
}

function decodeDirectory(bytes: Uint8Array): Directory {
  const dict = canonicalBt(bytes);
  if (!(dict instanceof Map)) throw wrong('the signed part must be a dict');
  const networkId = bytesOf(dict.get('#'), '#');
  if (networkId.length !== 32) throw wrong('# must have 32 bytes');
  const validFrom = safeInteger(dict.get('f'), 'f');
  const validUntil = safeInteger(dict.get('u'), 'u');
  if (validUntil <= validFrom) throw wrong('u must be later than f');
  const parameters = dict.get('p');
  if (!(parameters instanceof Map)) throw wrong('p must be a dict');
  return {
    networkId,
    epoch: safeInteger(dict.get('e'), 'e'),
    validFrom,
    validUntil,
    nodes: decodeNodes(bytesOf(dict.get('n'), 'n')),
    parameters: parametersFromBt(parameters),
    succession: dict.has('s') ? decodeSuccession(listOf(dict.get('s'), 's')) : null,
  };
}

function decodeNodes(bytes: Uint8Array): NodeRecord[] {
  if (bytes.length > MAXIMUM_NODES * RECORD_BYTES) throw wrong(`more than ${MAXIMUM_NODES} nodes`);
  let nodes: NodeRecord[];
  try {
    nodes = decodeNodeRecords(bytes);
  } catch (cause) {
    throw wrong('the node records do not parse', cause);
  }
  requireAscending(
    nodes.map(({ ed25519Key }) => ed25519Key),
    'nodes',
  );
  return nodes;
}

function decodeSuccession(list: readonly BtValue[]): Uint8Array[] {
  if (list.length === 0 || list.length > MAXIMUM_SUCCESSORS) throw wrong('s must hold 1 to 32 keys');
  const keys = list.map((entry) => bytesOf(entry, 's'));
  if (keys.some((key) => key.length !== 32)) throw wrong('a key in s must have 32 bytes');
  requireAscending(keys, 'successors');
  return keys;
}

function decodeSignatures(list: readonly BtValue[]): DirectorySignature[] {
  if (list.length > MAXIMUM_SIGNATURES) throw wrong('too many signatures');
  const signatures = list.map((entry) => {
    const pair = listOf(entry, 'a signature');
    const authority = bytesOf(pair[0], 'an authority key');
    const signature = bytesOf(pair[1], 'a signature');
    if (pair.length !== 2 || authority.length !== 32 || signature.length !== 64) throw wrong('malformed signature');
    return { authority, signature };
  });
  requireAscending(
    signatures.map(({ authority }) => authority),
    'signatures',
  );
  return signatures;
}

function requireAscending(keys: readonly Uint8Array[], what: string): void {
  for (let index = 1; index < keys.length; index++) {
    if (Buffer.compare(keys[index - 1]!, keys[index]!) >= 0) throw wrong(`${what} must be sorted by key, none twice`);
  }
}

/** Decodes and insists on the one canonical form: sorted unique keys, shortest numbers. */
function canonicalBt(bytes: Uint8Array): BtValue {
  let value: BtValue;
  try {
    value = decodeBt(bytes);
  } catch (cause) {
    throw wrong('not bt-encoded', cause);
  }
  if (!equalBytes(encodeBt(value), bytes)) throw wrong('not in canonical form');
  return value;
}

function safeInteger(value: BtValue | undefined, name: string): number {
  if (typeof value !== 'bigint' || value < 0n || value > Number.MAX_SAFE_INTEGER) {
    throw wrong(`${name} must be an integer from 0 to 2^53-1`);
  }
  return Number(value);
}

function bytesOf(value: BtValue | undefined, name: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrong(`${name} must be a string`);
  return value;
}

function listOf(value: BtValue | undefined, name: string): readonly BtValue[] {
  if (!Array.isArray(value)) throw wrong(`${name} must be a list`);
  return value;
}

function wrong(what: string, cause?: unknown): DirectoryError {
  return new DirectoryError('encoding', `not a directory: ${what}`, cause === undefined ? {} : { cause });
}
