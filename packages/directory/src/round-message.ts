import { encodeBt } from '@sotto/wire/bt';
import { concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Sign, ed25519Verify, type KeyPair } from '@sotto/wire/crypto';
import { bytesOf, canonicalBt, canonicalDict, integerOf, listOf, malformed } from './canonical.ts';
import { DirectoryError } from './errors.ts';
import { MAXIMUM_VOTE_BYTES } from './vote.ts';

/** Where authorities send each other {@link RoundMessage}s. */
export const ROUND_PATH = '/round/v1';
/** The largest message that is read, in bytes. */
export const MAXIMUM_ROUND_MESSAGE_BYTES = MAXIMUM_VOTE_BYTES + 1024;

const CONTEXT = utf8ToBytes('sotto-round-v1');

/** What one authority tells another during a round (docs/protocol/directory.md §8.4). */
export interface RoundMessage {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** Ed25519 key of the authority that sends it. */
  readonly sender: Uint8Array;
  readonly epoch: number;
  /** A signed vote, the sender's own or one that it passes on. */
  readonly vote: Uint8Array | null;
  /** The votes that the sender holds, once it holds one of every authority: see `votesDigest`. */
  readonly held: Uint8Array | null;
  /** Digest of the directory that the sender made of the votes, and its signature over that. */
  readonly result: { readonly digest: Uint8Array; readonly signature: Uint8Array } | null;
}

/** Encodes and signs with the sender's key pair. */
export function signRoundMessage(message: RoundMessage, { secretKey }: KeyPair): Uint8Array {
  const dict = encodeBt({
    '#': message.networkId,
    a: message.sender,
    d: message.result?.digest,
    e: message.epoch,
    g: message.result?.signature,
    h: message.held ?? undefined,
    v: message.vote ?? undefined,
  });
  return encodeBt([dict, ed25519Sign(signedBytes(dict), secretKey)]);
}

/** Reads a message and verifies its sender's signature. @throws DirectoryError `encoding` or `signatures`. */
export function verifyRoundMessage(bytes: Uint8Array): RoundMessage {
  if (bytes.length > MAXIMUM_ROUND_MESSAGE_BYTES) throw malformed('a message that is too large');
  const outer = listOf(canonicalBt(bytes), 'a message');
  if (outer.length !== 2) throw malformed('a message must be a list of two');
  const dictBytes = bytesOf(outer[0], 'the signed part');
  const signature = bytesOf(outer[1], 'the signature', 64);
  const dict = canonicalDict(dictBytes);
  const sender = bytesOf(dict.get('a'), 'a', 32);
  if (!ed25519Verify(signedBytes(dictBytes), signature, sender)) {
    throw new DirectoryError('signatures', 'the message is not signed by its sender');
  }
  const hasResult = dict.has('d') || dict.has('g');
  return {
    networkId: bytesOf(dict.get('#'), '#', 32),
    sender,
    epoch: integerOf(dict.get('e'), 'e'),
    vote: dict.has('v') ? bytesOf(dict.get('v'), 'v') : null,
    held: dict.has('h') ? bytesOf(dict.get('h'), 'h', 32) : null,
    result: hasResult ? { digest: bytesOf(dict.get('d'), 'd', 32), signature: bytesOf(dict.get('g'), 'g', 64) } : null,
  };
}

/** Names a set of signed votes: BLAKE2b-256 over their BLAKE2b-256 digests in ascending order. */
export function votesDigest(votes: readonly Uint8Array[]): Uint8Array {
  return blake2b(32, concatBytes(...votes.map((vote) => blake2b(32, vote)).sort(Buffer.compare)));
}

function signedBytes(dict: Uint8Array): Uint8Array {
  return concatBytes(CONTEXT, blake2b(32, dict));
}
