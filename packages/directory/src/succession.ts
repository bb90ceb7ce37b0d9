import { type BtValue, encodeBt } from '@sotto/wire/bt';
import { bytesToHex, concatBytes, equalBytes, hexToBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519Sign, ed25519Verify, type KeyPair } from '@sotto/wire/crypto';
import { bytesOf, canonicalBt, canonicalDict, integerOf, listOf, malformed, requireAscending } from './canonical.ts';
import { DirectoryError } from './errors.ts';
import { authoritiesSchema, type NetworkAuthority, type NetworkFile } from './network-file.ts';
import { issueText } from './parameters.ts';
import { type DirectorySignature, decodeSignatures } from './signed-directory.ts';

const CONTEXT = utf8ToBytes('sotto-succession-v1');
const MAXIMUM_BYTES = 64 * 1024;

/** Who decides in a network: the authorities of its file, or of the last succession. */
export interface DecidingAuthorities {
  readonly authorities: readonly NetworkAuthority[];
  /** How many of them must sign. */
  readonly threshold: number;
}

/** A change of who decides (docs/protocol/directory.md §5.1). */
export interface Succession extends DecidingAuthorities {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** 1 for a network's first succession, then 2, … */
  readonly number: number;
}

/** A succession as it travels. */
export interface SignedSuccession {
  readonly succession: Succession;
  /** The bytes that were signed. */
  readonly dict: Uint8Array;
  /** Ascending by authority; not verified. */
  readonly signatures: readonly DirectorySignature[];
}

/** Who decides before any succession. */
export function firstDeciding({ authorities, threshold }: NetworkFile): DecidingAuthorities {
  return { authorities, threshold };
}

/**
 * The bytes that authorities sign; the same for the same change, so that each of them can make it for itself.
 * @throws DirectoryError `encoding` for a succession that could not be read back.
 */
export function encodeSuccession({ networkId, number, authorities, threshold }: Succession): Uint8Array {
  const list = authorities
    .map(({ key, urls }) => [hexToBytes(key), [...urls].sort()] as const)
    .sort((a, b) => Buffer.compare(a[0], b[0]))
    .map(([key, urls]) => [key, urls]);
  const dict = encodeBt({ '#': networkId, a: list, n: number, t: threshold });
  decodeSuccession(dict);
  return dict;
}

/** One authority's signature over a succession's bytes. */
export function signSuccession(dict: Uint8Array, { publicKey, secretKey }: KeyPair): DirectorySignature {
  return { authority: publicKey, signature: ed25519Sign(signedMessage(dict), secretKey) };
}

/** The signed form: bt list of the bytes and the signatures, which may come in any order. */
export function assembleSuccession(dict: Uint8Array, signatures: readonly DirectorySignature[]): Uint8Array {
  const pairs = signatures
    .toSorted((a, b) => Buffer.compare(a.authority, b.authority))
    .map(({ authority, signature }) => [authority, signature]);
  return encodeBt([dict, pairs]);
}

/** Reads a signed succession without judging its signatures. @throws DirectoryError `encoding`. */
export function readSuccession(bytes: Uint8Array): SignedSuccession {
  if (bytes.length > MAXIMUM_BYTES) throw malformed('a succession that is too large');
  const outer = listOf(canonicalBt(bytes), 'a succession');
  if (outer.length !== 2) throw malformed('a succession must be a list of two');
  const dict = bytesOf(outer[0], 'the signed part');
  return { succession: decodeSuccession(dict), dict, signatures: decodeSignatures(listOf(outer[1], 'signatures')) };
}

/** Who among those who decide has a valid signature on it. */
export function successionSigners(
  { authorities }: DecidingAuthorities,
  { dict, signatures }: SignedSuccession,
): DirectorySignature[] {
  const keys = new Set(authorities.map(({ key }) => key));
  const message = signedMessage(dict);
  return signatures.filter(
    ({ authority, signature }) => keys.has(bytesToHex(authority)) && ed25519Verify(message, signature, authority),
  );
}

/**
 * Who decides after one more succession.
 * @param after how many there were before it.
 * @throws DirectoryError `encoding`, `wrong-network`, or `signatures` if those who decide so far did not agree to it.
 */
export function succeed(
  networkId: Uint8Array,
  deciding: DecidingAuthorities,
  bytes: Uint8Array,
  after: number,
): DecidingAuthorities {
  const signed = readSuccession(bytes);
  const { number, authorities, threshold } = signed.succession;
  if (!equalBytes(signed.succession.networkId, networkId)) {
    throw new DirectoryError('wrong-network', 'the succession belongs to another network');
  }
  if (number !== after + 1) throw malformed(`succession ${number} cannot follow ${after}`);
  const signers = successionSigners(deciding, signed).length;
  if (signers < deciding.threshold) {
    const what = `succession ${number} is signed by ${signers} of the ${deciding.threshold} authorities that it needs`;
    throw new DirectoryError('signatures', what);
  }
  return { authorities, threshold };
}

/** Who decides after all these successions of a network. @throws DirectoryError as {@link succeed}. */
export function decidingAfter(
  networkId: Uint8Array,
  first: DecidingAuthorities,
  successions: readonly Uint8Array[],
): DecidingAuthorities {
  return successions.reduce((deciding, bytes, index) => succeed(networkId, deciding, bytes, index), first);
}

/**
 * Requires that successions tell the same story as those known already, as far as both go: keys that decide no more could
 * sign another one. @throws DirectoryError `signatures`, or `encoding`.
 */
export function requireContinuation(known: readonly Uint8Array[], offered: readonly Uint8Array[]): void {
  offered.slice(0, known.length).forEach((bytes, index) => {
    if (equalBytes(readSuccession(bytes).dict, readSuccession(known[index]!).dict)) return;
    throw new DirectoryError('signatures', `there are two successions with number ${index + 1}`);
  });
}

function decodeSuccession(bytes: Uint8Array): Succession {
  const dict = canonicalDict(bytes);
  const list = listOf(dict.get('a'), 'a').map(authorityOf);
  const authorities = authoritiesSchema.safeParse(list);
  if (!authorities.success) throw malformed(`the authorities of a succession: ${issueText(authorities.error)}`);
  requireAscending(
    authorities.data.map(({ key }) => hexToBytes(key)),
    'authorities',
  );
  const threshold = integerOf(dict.get('t'), 't', authorities.data.length);
  if (threshold < 1) throw malformed('t must be 1 or more');
  return {
    networkId: bytesOf(dict.get('#'), '#', 32),
    number: integerOf(dict.get('n'), 'n'),
    authorities: authorities.data,
    threshold,
  };
}

function authorityOf(entry: BtValue): { key: string; urls: string[] } {
  const pair = listOf(entry, 'an authority');
  if (pair.length !== 2) throw malformed('an authority must be a list of two');
  return {
    key: bytesToHex(bytesOf(pair[0], 'a key', 32)),
    urls: listOf(pair[1], 'urls').map((url) => Buffer.from(bytesOf(url, 'a url')).toString('latin1')),
  };
}

function signedMessage(dict: Uint8Array): Uint8Array {
  return concatBytes(CONTEXT, blake2b(32, dict));
}
