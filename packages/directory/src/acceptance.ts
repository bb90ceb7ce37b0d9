import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import { DirectoryError } from './errors.ts';
import { type NetworkFile, networkId } from './network-file.ts';
import { type Directory, decodeSignedDirectory, isSignatureValid, type SignedDirectory } from './signed-directory.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CLOCK_TOLERANCE = HOUR;

/** How long after its end a directory may still be used, in ms. */
export const GRACE_AFTER_END = 30 * DAY;

/** A directory that was signed by enough authorities and passed every other rule. */
export interface VerifiedDirectory extends Directory {
  /** The signed bytes as they came; what mirrors serve. */
  readonly bytes: Uint8Array;
  /** BLAKE2b-256 of the signed dict, 32 bytes. */
  readonly digest: Uint8Array;
  /** Keys of the authorities whose signatures are valid, ascending, 32 bytes each. */
  readonly signers: readonly Uint8Array[];
}

/** Who decides in a network: the authorities of its file, or of the last succession. */
export interface DecidingAuthorities {
  /** Ed25519 public keys, lower-case hex. */
  readonly keys: readonly string[];
  readonly threshold: number;
}

/** A node that is no longer listed: its key (hex) and the `validFrom` of the last directory that had it. */
interface DroppedNode {
  readonly key: string;
  readonly lastListed: number;
}

/** What one remembers of a network between directories; changed only by {@link acceptDirectory}. */
export interface DirectoryState {
  readonly networkId: Uint8Array;
  readonly deciding: DecidingAuthorities;
  /** The newest accepted directory; `null` before the first. */
  readonly accepted: VerifiedDirectory | null;
  /** Nodes dropped within a day before the accepted directory. */
  readonly dropped: readonly DroppedNode[];
}

/** Knowing nothing but the network file. */
export function initialState(file: NetworkFile): DirectoryState {
  return {
    networkId: networkId(file),
    deciding: { keys: file.authorities.map(({ key }) => key), threshold: file.threshold },
    accepted: null,
    dropped: [],
  };
}

/**
 * Judges a signed directory by every rule of docs/protocol/directory.md §5. Gives the state with this directory as the
 * accepted one, or the same state if it is the accepted one already.
 * @param now ms since 1970.
 * @throws DirectoryError with the code of the first rule that it breaks: `encoding`, `wrong-network`, `signatures`,
 * `not-yet-valid`, `expired`, `rollback`, `conflict`, `mass-removal`.
 */
export function acceptDirectory(state: DirectoryState, bytes: Uint8Array, now: number): DirectoryState {
  const signed = decodeSignedDirectory(bytes);
  const { directory, digest } = signed;
  if (!equalBytes(directory.networkId, state.networkId)) {
    throw new DirectoryError('wrong-network', 'the directory belongs to another network');
  }
  const signers = requireSignatures(signed, state.deciding);
  if (directory.validFrom > now + CLOCK_TOLERANCE) {
    throw new DirectoryError(
      'not-yet-valid',
      'the directory is valid only from more than an hour ahead; check the clock',
    );
  }
  if (validityOf(directory, now) === 'over') {
    throw new DirectoryError('expired', 'the directory ended more than 30 days ago');
  }
  if (state.accepted) {
    if (directory.epoch < state.accepted.epoch) {
      throw new DirectoryError(
        'rollback',
        `epoch ${directory.epoch} is older than ${state.accepted.epoch}, seen before`,
      );
    }
    if (directory.epoch === state.accepted.epoch) {
      if (equalBytes(digest, state.accepted.digest)) return state;
      throw new DirectoryError('conflict', `there are two directories with epoch ${directory.epoch}`);
    }
  }
  const dropped = requireGradualRemoval(state, directory, signers.length);
  return {
    networkId: state.networkId,
    deciding: successor(state.deciding, directory),
    accepted: { ...directory, bytes, digest, signers },
    dropped,
  };
}

/** Is a directory in time (`current`), up to 30 days late and usable with a warning (`late`), or no longer usable? */
export function validityOf(directory: Directory, now: number): 'current' | 'late' | 'over' {
  if (now <= directory.validUntil) return 'current';
  return now <= directory.validUntil + GRACE_AFTER_END ? 'late' : 'over';
}

function requireSignatures(signed: SignedDirectory, { keys, threshold }: DecidingAuthorities): Uint8Array[] {
  const authorities = new Set(keys);
  const signers = signed.signatures
    .filter(
      (signature) => authorities.has(bytesToHex(signature.authority)) && isSignatureValid(signed.digest, signature),
    )
    .map(({ authority }) => authority);
  if (signers.length < threshold) {
    throw new DirectoryError('signatures', `signed by ${signers.length} of the ${threshold} authorities that it needs`);
  }
  return signers;
}

/**
 * The nodes listed within the day before `next` that it does not list. Many small steps within a day count like one
 * large one: what was listed includes what has been dropped since.
 * @throws DirectoryError `mass-removal` if they are more than a third and not every authority signed.
 */
function requireGradualRemoval(
  { accepted, dropped, deciding }: DirectoryState,
  next: Directory,
  signers: number,
): DroppedNode[] {
  if (!accepted) return [];
  const listed = new Set(next.nodes.map(({ ed25519Key }) => bytesToHex(ed25519Key)));
  const before = accepted.nodes.map((node) => ({ key: bytesToHex(node.ed25519Key), lastListed: accepted.validFrom }));
  const withinDay = [...before, ...dropped].filter(({ lastListed }) => next.validFrom < lastListed + DAY);
  const missing = withinDay.filter(({ key }) => !listed.has(key));
  if (missing.length * 3 > withinDay.length && signers < deciding.keys.length) {
    const what = `drops ${missing.length} of ${withinDay.length} nodes within a day`;
    throw new DirectoryError('mass-removal', `the directory ${what}, and not every authority signed it`);
  }
  return missing;
}

/** Who decides after this directory. The threshold stays, so a succession must name at least that many. */
function successor(deciding: DecidingAuthorities, { succession }: Directory): DecidingAuthorities {
  if (!succession) return deciding;
  if (succession.length < deciding.threshold) {
    throw new DirectoryError(
      'encoding',
      `names ${succession.length} authorities where ${deciding.threshold} must sign`,
    );
  }
  return { keys: succession.map(bytesToHex), threshold: deciding.threshold };
}
