import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import { DirectoryError } from './errors.ts';
import { type NetworkFile, networkId } from './network-file.ts';
import { type Directory, decodeSignedDirectory, isSignatureValid, type SignedDirectory } from './signed-directory.ts';
import { type DecidingAuthorities, firstDeciding, requireContinuation, succeed } from './succession.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CLOCK_TOLERANCE = HOUR;

const HISTORY_LENGTH = 200;

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

/** A node that is no longer listed: its key (hex) and the `validFrom` of the last directory that had it. */
interface DroppedNode {
  readonly key: string;
  readonly lastListed: number;
}

/** Who signed a directory that was taken, or one that contradicts it; what a person can look at afterwards. */
export interface HistoryEntry {
  readonly epoch: number;
  /** ms since 1970. */
  readonly validFrom: number;
  /** Lower-case hex. */
  readonly digest: string;
  /** Keys of the authorities whose signatures are valid, lower-case hex, ascending. */
  readonly signers: readonly string[];
  readonly nodes: number;
  /** How many successions came before it. */
  readonly successions: number;
  /** `true` for a second directory with an epoch that was taken already: whoever signed both lied. */
  readonly conflict: boolean;
}

/** What one remembers of a network between directories; changed only by {@link acceptDirectory}. */
export interface DirectoryState {
  readonly networkId: Uint8Array;
  readonly deciding: DecidingAuthorities;
  /** The newest accepted directory; `null` before the first. */
  readonly accepted: VerifiedDirectory | null;
  /** Of other directories with its epoch the one with the lowest digest; known until the next one, or a restart. */
  readonly rival: VerifiedDirectory | null;
  /** Nodes dropped within a day before the accepted directory. */
  readonly dropped: readonly DroppedNode[];
  /** The signed successions so far, oldest first. */
  readonly successions: readonly Uint8Array[];
  /** The last {@link HISTORY_LENGTH} directories, newest last. */
  readonly history: readonly HistoryEntry[];
}

/** Knowing nothing but the network file. */
export function initialState(file: NetworkFile): DirectoryState {
  return {
    networkId: networkId(file),
    deciding: firstDeciding(file),
    accepted: null,
    rival: null,
    dropped: [],
    successions: [],
    history: [],
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
  const { deciding, successions } = withSuccessions(state, signed.successions);
  const signers = requireSignatures(signed, deciding);
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
  const dropped = requireGradualRemoval(state, directory, signers.length === deciding.authorities.length);
  return {
    networkId: state.networkId,
    deciding,
    accepted: { ...directory, bytes, digest, signers },
    rival: null,
    dropped,
    successions,
    history: [...state.history, entryOf(directory, digest, signers, successions.length, false)].slice(-HISTORY_LENGTH),
  };
}

/**
 * The state that remembers a directory which {@link acceptDirectory} refused as `conflict`, and who signed it; the same
 * state if that is known already. @throws DirectoryError as `acceptDirectory`.
 */
export function rememberConflict(state: DirectoryState, bytes: Uint8Array): DirectoryState {
  const signed = decodeSignedDirectory(bytes);
  const { directory, digest } = signed;
  const { deciding, successions } = withSuccessions(state, signed.successions);
  const signers = requireSignatures(signed, deciding);
  const rival = lower(state.rival, { ...directory, bytes, digest, signers });
  const entry = entryOf(directory, digest, signers, successions.length, true);
  const isKnown = state.history.some((each) => each.digest === entry.digest);
  if (isKnown && rival === state.rival) return state;
  return { ...state, rival, history: isKnown ? state.history : [...state.history, entry].slice(-HISTORY_LENGTH) };
}

/**
 * The directory that the next one follows: the accepted one, or of several with its epoch the one with the lowest digest,
 * so that authorities which took different ones come together again (docs/protocol/directory.md §8.4).
 */
export function basisOf({ accepted, rival }: DirectoryState): VerifiedDirectory | null {
  return accepted && lower(rival, accepted);
}

function lower(a: VerifiedDirectory | null, b: VerifiedDirectory): VerifiedDirectory {
  return a && Buffer.compare(a.digest, b.digest) <= 0 ? a : b;
}

function entryOf(
  { epoch, validFrom, nodes }: Directory,
  digest: Uint8Array,
  signers: readonly Uint8Array[],
  successions: number,
  conflict: boolean,
): HistoryEntry {
  const names = { digest: bytesToHex(digest), signers: signers.map(bytesToHex) };
  return { epoch, validFrom, ...names, nodes: nodes.length, successions, conflict };
}

/**
 * Who decides about a directory that came with these successions: those known already and what it adds to them. One that
 * comes with fewer than are known is judged by those that are known.
 * @throws DirectoryError `signatures` if it tells another story than was believed before, or one that the old
 * authorities did not sign; as `succeed` otherwise.
 */
function withSuccessions(
  { networkId, deciding, successions }: DirectoryState,
  offered: readonly Uint8Array[],
): { deciding: DecidingAuthorities; successions: readonly Uint8Array[] } {
  requireContinuation(successions, offered);
  let now = deciding;
  offered.slice(successions.length).forEach((bytes, index) => {
    now = succeed(networkId, now, bytes, successions.length + index);
  });
  return { deciding: now, successions: offered.length > successions.length ? offered : successions };
}

/** Is a directory in time (`current`), up to 30 days late and usable with a warning (`late`), or no longer usable? */
export function validityOf(directory: Directory, now: number): 'current' | 'late' | 'over' {
  if (now <= directory.validUntil) return 'current';
  return now <= directory.validUntil + GRACE_AFTER_END ? 'late' : 'over';
}

function requireSignatures(signed: SignedDirectory, { authorities, threshold }: DecidingAuthorities): Uint8Array[] {
  const keys = new Set(authorities.map(({ key }) => key));
  const signers = signed.signatures
    .filter((signature) => keys.has(bytesToHex(signature.authority)) && isSignatureValid(signed.digest, signature))
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
  { accepted, dropped }: DirectoryState,
  next: Directory,
  everyoneSigned: boolean,
): DroppedNode[] {
  if (!accepted) return [];
  const listed = new Set(next.nodes.map(({ ed25519Key }) => bytesToHex(ed25519Key)));
  const before = accepted.nodes.map((node) => ({ key: bytesToHex(node.ed25519Key), lastListed: accepted.validFrom }));
  const withinDay = [...before, ...dropped].filter(({ lastListed }) => next.validFrom < lastListed + DAY);
  const missing = withinDay.filter(({ key }) => !listed.has(key));
  if (missing.length * 3 > withinDay.length && !everyoneSigned) {
    const what = `drops ${missing.length} of ${withinDay.length} nodes within a day`;
    throw new DirectoryError('mass-removal', `the directory ${what}, and not every authority signed it`);
  }
  return missing;
}
