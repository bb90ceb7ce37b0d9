import { BtDictReader, BtListReader, encodeBt } from '@sotto/wire/bt';
import { concatBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Sign, ed25519Verify, type KeyPair } from '@sotto/wire/crypto';
import { bytesOf, canonicalBt, canonicalDict, integerOf, malformed } from './canonical.ts';
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

/**
 * Reads a message and verifies its sender's signature.
 * @param isSender may this key (32 bytes) send any? Nothing of a stranger's is looked at but that.
 * @throws DirectoryError `encoding`, `authority-key` for a stranger, or `signatures`.
 */
export function verifyRoundMessage(
  bytes: Uint8Array,
  isSender: (key: Uint8Array) => boolean = () => true,
): RoundMessage {
  if (bytes.length > MAXIMUM_ROUND_MESSAGE_BYTES) throw malformed('a message that is too large');
  const { dictBytes, signature, sender } = envelopeOf(bytes);
  if (!isSender(sender)) {
    throw new DirectoryError('authority-key', 'the message is not from another authority of this network');
  }
  if (!ed25519Verify(signedBytes(dictBytes), signature, sender)) {
    throw new DirectoryError('signatures', 'the message is not signed by its sender');
  }
  canonicalBt(bytes);
  const dict = canonicalDict(dictBytes);
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

/** Who says to have signed what: read without a look at the rest, which could be made to take long. */
function envelopeOf(bytes: Uint8Array): { dictBytes: Uint8Array; signature: Uint8Array; sender: Uint8Array } {
  try {
    const outer = new BtListReader(bytes);
    const dictBytes = outer.readBytes();
    const signature = outer.readFixedBytes(64);
    outer.finish();
    const dict = new BtDictReader(dictBytes);
    if (!dict.skipTo('a')) throw malformed('a message without a sender');
    return { dictBytes, signature, sender: dict.readFixedBytes(32) };
  } catch (cause) {
    throw cause instanceof DirectoryError
      ? cause
      : malformed('a message must be a list of a dict and a signature', cause);
  }
}

/** Names a set of signed votes: BLAKE2b-256 over their BLAKE2b-256 digests in ascending order. */
export function votesDigest(votes: readonly Uint8Array[]): Uint8Array {
  return blake2b(32, concatBytes(...votes.map((vote) => blake2b(32, vote)).sort(Buffer.compare)));
}

function signedBytes(dict: Uint8Array): Uint8Array {
  return concatBytes(CONTEXT, blake2b(32, dict));
}
