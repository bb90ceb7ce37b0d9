import { type Vote, verifyVote, votesDigest } from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { Evidence } from './effects.ts';
import type { RoundTiming } from './timing.ts';

/** A signed vote and what it says. */
export interface HeldVote {
  readonly bytes: Uint8Array;
  readonly vote: Vote;
}

/** What becomes of a vote that came. */
export interface VoteTaken {
  /** Its author, lower-case hex, if the others are to get it too. */
  readonly passOn: string | null;
  readonly evidence: Evidence | null;
}

/** What a {@link VoteBook} is about. */
export interface VoteBookParts {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly epoch: number;
  /** Digest of the directory before, 32 bytes. */
  readonly previous: Uint8Array;
  /** Keys of the other authorities, lower-case hex. */
  readonly others: readonly string[];
  readonly threshold: number;
  readonly timing: RoundTiming;
}

const NOTHING_NEW: VoteTaken = { passOn: null, evidence: null };

/**
 * The votes of one round (docs/protocol/directory.md §8.4). A first or a second vote counts if its author sends it early
 * enough for us to pass it on, or somebody else has passed it on in time: so whoever speaks in the last moment, or to each in
 * another way, cannot make the honest hold different votes.
 */
export class VoteBook {
  readonly #parts: VoteBookParts;
  readonly #votes = new Map<string, HeldVote>();
  /** Authorities that voted in two ways; none of their votes counts. */
  readonly #liars = new Set<string>();
  /** Those of whom that has been told, in time or not. */
  readonly #exposed = new Set<string>();

  constructor(parts: VoteBookParts, own: HeldVote) {
    this.#parts = parts;
    this.#votes.set(bytesToHex(own.vote.authority), own);
  }

  /**
   * Takes a vote that another authority sends.
   * @param sender who sends it, lower-case hex. @param since ms since the round began. @param isClosed no first vote counts any more.
   */
  take(bytes: Uint8Array, sender: string, since: number, isClosed: boolean): VoteTaken {
    const vote = this.#read(bytes);
    if (!vote) return NOTHING_NEW;
    const author = bytesToHex(vote.authority);
    const held = this.#votes.get(author);
    if ((held && equalBytes(held.bytes, bytes)) || this.#liars.has(author)) return NOTHING_NEW;
    const isInTime = this.#isInTime(author === sender, since);
    const passOn = isInTime ? author : null;
    if (!held) {
      if (isClosed || !isInTime) return NOTHING_NEW;
      this.#votes.set(author, { bytes, vote });
      return { passOn, evidence: null };
    }
    if (isInTime) this.#liars.add(author);
    if (this.#exposed.has(author)) return { passOn, evidence: null };
    this.#exposed.add(author);
    const { epoch } = this.#parts;
    return { passOn, evidence: { authority: author, epoch, what: 'votes', first: held.bytes, second: bytes } };
  }

  /** Votes about the same directory before, of authorities that voted once. */
  counted(): HeldVote[] {
    return [...this.#votes]
      .filter(([author, { vote }]) => !this.#liars.has(author) && equalBytes(vote.previous, this.#parts.previous))
      .map(([, held]) => held);
  }

  /** The counted votes if there is one of everybody, else `null`. */
  complete(): HeldVote[] | null {
    const counted = this.counted();
    return counted.length > this.#parts.others.length ? counted : null;
  }

  /** Did this authority, lower-case hex, vote in two ways? */
  isLiar(author: string): boolean {
    return this.#liars.has(author);
  }

  /** Every vote that is held, counted or not. */
  all(): Vote[] {
    return [...this.#votes.values()].map(({ vote }) => vote);
  }

  #read(bytes: Uint8Array): Vote | null {
    const { epoch, networkId, others } = this.#parts;
    try {
      const vote = verifyVote(bytes);
      const fits = vote.epoch === epoch && equalBytes(vote.networkId, networkId);
      return fits && others.includes(bytesToHex(vote.authority)) ? vote : null;
    } catch {
      return null;
    }
  }

  #isInTime(fromAuthor: boolean, since: number): boolean {
    const { timing, threshold } = this.#parts;
    // Nothing can be made of so few, so a later one does no harm.
    if (this.counted().length < threshold) return true;
    return since < (fromAuthor ? timing.votesEnd : timing.relaysEnd);
  }
}

/** The name of a set of votes; see `votesDigest`. */
export function nameOfVotes(votes: readonly HeldVote[]): Uint8Array {
  return votesDigest(votes.map(({ bytes }) => bytes));
}
