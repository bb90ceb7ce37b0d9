import {
  agreedSuccession,
  assembleDirectory,
  type Claim,
  type DecidingAuthorities,
  directorySignature,
  encodeDirectory,
  mergeVotes,
  type RoundMessage,
  signRoundMessage,
  signVote,
  type VerifiedDirectory,
  type Vote,
  type VoteContent,
} from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import type { Effect, Evidence, RoundOutcome } from './effects.ts';
import { ResultBook } from './result-book.ts';
import type { RoundTiming } from './timing.ts';
import { type HeldVote, nameOfVotes, VoteBook } from './vote-book.ts';

/** What a round begins with; does not change while it runs. */
export interface RoundStart {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly keys: KeyPair;
  readonly deciding: DecidingAuthorities;
  /** The signed successions that made them decide. */
  readonly successions: readonly Uint8Array[];
  /** The directory before; `null` for a network's first. */
  readonly previous: VerifiedDirectory | null;
  readonly epoch: number;
  readonly content: VoteContent;
  readonly timing: RoundTiming;
  /** Of a clock that never goes back, ms. */
  readonly startedAt: number;
  /** ms since 1970. */
  readonly wallTime: number;
}

type DirectoryResult = NonNullable<RoundMessage['result']>;

/** The directory that we made of the votes. */
interface Signed {
  readonly dict: Uint8Array;
  readonly digest: Uint8Array;
  readonly claims: readonly Claim[];
  readonly at: number;
}

const NOTHING = new Uint8Array(32);

/**
 * One round as one authority lives through it (docs/protocol/directory.md §8.4): votes are gathered and passed on, a
 * directory is made of them and signed once, signatures are gathered. Pure: time and messages come in, effects go out.
 */
export class Round {
  readonly epoch: number;
  readonly #start: RoundStart;
  readonly #own: string;
  readonly #others: readonly string[];
  readonly #votes: VoteBook;
  readonly #results: ResultBook;
  readonly #ownVote: HeldVote;
  /** What others say that they hold, once they hold all votes. */
  readonly #heldByOthers = new Map<string, Uint8Array>();
  /** The votes that we said we hold. */
  #announced: readonly HeldVote[] | null = null;
  #signed: Signed | null = null;
  #over = false;

  constructor(start: RoundStart) {
    this.epoch = start.epoch;
    this.#start = start;
    this.#own = bytesToHex(start.keys.publicKey);
    this.#others = start.deciding.authorities.map(({ key }) => key).filter((key) => key !== this.#own);
    this.#ownVote = ownVote(start);
    const { networkId, epoch, timing } = start;
    const previous = start.previous?.digest ?? NOTHING;
    const { threshold } = start.deciding;
    this.#votes = new VoteBook({ networkId, epoch, previous, others: this.#others, threshold, timing }, this.#ownVote);
    this.#results = new ResultBook(epoch);
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Votes. */
  begin(): Effect[] {
    return [
      { kind: 'remember', epoch: this.epoch },
      ...this.#tell(this.#others, { vote: this.#ownVote.bytes }),
      ...this.advance(this.#start.startedAt),
    ];
  }

  /** Takes a message about this epoch from another authority. */
  receive(message: RoundMessage, bytes: Uint8Array, now: number): Effect[] {
    if (this.#over) return [];
    const sender = bytesToHex(message.sender);
    const effects = message.vote ? this.#takeVote(message.vote, sender, now) : [];
    if (message.held) this.#heldByOthers.set(sender, message.held);
    if (message.result) effects.push(...this.#takeResult(message, message.result, bytes, now));
    return [...effects, ...this.advance(now)];
  }

  /** Does what is due by now. */
  advance(now: number): Effect[] {
    if (this.#over) return [];
    const { timing, startedAt, deciding } = this.#start;
    const since = now - startedAt;
    const effects: Effect[] = [];
    if (!this.#signed) {
      effects.push(...this.#announceHeld());
      const enough = this.#votes.counted().length >= deciding.threshold;
      // Signed early is signed so early that the others hear of it before they sign.
      const isEarly = since < timing.votesEnd && this.#everybodyHoldsTheSame();
      if (isEarly || (enough && since >= timing.relaysEnd)) effects.push(...this.#sign(now));
    }
    if (this.#signed) effects.push(...this.#publish(this.#signed, now));
    if (!this.#over && since >= timing.end) effects.push(...this.end(this.#signed ? 'no-agreement' : 'too-few-votes'));
    return effects;
  }

  /** When {@link advance} may have something to do after `now`, by the same clock. */
  wakeAt(now: number): number {
    const { timing, startedAt } = this.#start;
    const next = this.#signed ? this.#publishedFrom(this.#signed) : startedAt + timing.relaysEnd;
    return next > now ? next : startedAt + timing.end;
  }

  /** Ends the round, which then does nothing more. */
  end(result: RoundOutcome['result']): Effect[] {
    this.#over = true;
    const agreeing = this.#signed ? this.#results.agreeing(this.#signed.digest).signatures : [];
    const voters = namesOf(this.#votes.counted().map(({ vote }) => vote));
    const signers = namesOf(agreeing);
    const agreed = this.#agreedSuccession();
    return [
      ...(agreed ? [{ kind: 'succession' as const, successions: agreed }] : []),
      { kind: 'ended', outcome: { epoch: this.epoch, result, voters, signers } },
    ];
  }

  #takeVote(bytes: Uint8Array, sender: string, now: number): Effect[] {
    const since = now - this.#start.startedAt;
    const { passOn, evidence } = this.#votes.take(bytes, sender, since, this.#signed !== null);
    const to = passOn === null ? [] : this.#others.filter((key) => key !== sender && key !== passOn);
    return [...toKeep(evidence), ...this.#tell(to, { vote: bytes })];
  }

  #takeResult({ sender }: RoundMessage, result: DirectoryResult, message: Uint8Array, now: number): Effect[] {
    const { passOn, evidence } = this.#results.take({ ...result, authority: sender, message }, now);
    const to = passOn ? this.#others.filter((key) => key !== bytesToHex(sender)) : [];
    return [...toKeep(evidence), ...(to.length > 0 ? [{ kind: 'send' as const, to, message }] : [])];
  }

  #announceHeld(): Effect[] {
    const complete = this.#announced ? null : this.#votes.complete();
    if (!complete) return [];
    this.#announced = complete;
    return this.#tell(this.#others, { held: nameOfVotes(complete) });
  }

  /** Nothing more can come, so there is nothing to wait for. */
  #everybodyHoldsTheSame(): boolean {
    const complete = this.#votes.complete();
    if (!complete) return false;
    const held = nameOfVotes(complete);
    return this.#others.every((key) => equalBytes(this.#heldByOthers.get(key) ?? NOTHING, held));
  }

  #sign(now: number): Effect[] {
    const { keys } = this.#start;
    const made = this.#signedBefore() ?? this.#make(this.#votes.counted());
    const { digest } = made;
    const { signature } = directorySignature(digest, keys);
    this.#signed = { ...made, at: now };
    this.#results.take({ authority: keys.publicKey, digest, signature, message: new Uint8Array() }, now);
    return this.#tell(this.#others, { result: { digest, signature } });
  }

  #make(votes: readonly HeldVote[]): Omit<Signed, 'at'> {
    const { networkId, deciding, previous } = this.#start;
    const { threshold } = deciding;
    const all = votes.map(({ vote }) => vote);
    const { directory, claims } = mergeVotes({ networkId, epoch: this.epoch, threshold, previous, votes: all });
    return { ...encodeDirectory(directory), claims };
  }

  /**
   * Who said that it holds all votes may find out afterwards that one of them is a liar's, when another has signed already
   * what follows from them. It then signs the same: nobody can keep two apart by lying to one of them a moment too late.
   */
  #signedBefore(): Omit<Signed, 'at'> | null {
    if (!this.#announced || this.#votes.complete()) return null;
    const made = this.#make(this.#announced);
    const { signatures } = this.#results.agreeing(made.digest);
    return signatures.some(({ authority }) => !this.#votes.isLiar(bytesToHex(authority))) ? made : null;
  }

  #publish(signed: Signed, now: number): Effect[] {
    const { deciding, successions } = this.#start;
    const { signatures } = this.#results.agreeing(signed.digest);
    if (signatures.length < deciding.threshold) return [];
    const signers = new Set(signatures.map(({ authority }) => bytesToHex(authority)));
    const isEveryVoter = this.#votes.counted().every(({ vote }) => signers.has(bytesToHex(vote.authority)));
    if (!isEveryVoter && now < this.#publishedFrom(signed)) return [];
    const directory = assembleDirectory(signed, signatures, successions);
    return [{ kind: 'publish', directory, claims: signed.claims }, ...this.end('published')];
  }

  /**
   * When a directory that not all voters signed is published. More signatures than needed are worth a moment: a list that
   * drops many nodes must have all of them. And whoever signed another one towards others is found out meanwhile.
   */
  #publishedFrom({ digest, at }: Signed): number {
    const { signing, passing } = this.#start.timing;
    return Math.max(at + signing, this.#results.agreeing(digest).lastAt + passing);
  }

  #agreedSuccession(): Uint8Array[] | null {
    const { networkId, deciding, successions } = this.#start;
    const next = agreedSuccession(networkId, deciding, successions.length, this.#votes.all());
    return next && [...successions, next];
  }

  #tell(to: readonly string[], content: Partial<Pick<RoundMessage, 'vote' | 'held' | 'result'>>): Effect[] {
    if (to.length === 0) return [];
    const { networkId, keys } = this.#start;
    const whole = { networkId, sender: keys.publicKey, epoch: this.epoch, vote: null, held: null, result: null };
    return [{ kind: 'send', to, message: signRoundMessage({ ...whole, ...content }, keys) }];
  }
}

function ownVote({ networkId, keys, epoch, previous, wallTime, successions, content }: RoundStart): HeldVote {
  const vote: Vote = {
    networkId,
    authority: keys.publicKey,
    epoch,
    previous: previous?.digest ?? NOTHING,
    time: wallTime,
    successions,
    ...content,
  };
  return { bytes: signVote(vote, keys), vote };
}

function namesOf(those: readonly { readonly authority: Uint8Array }[]): string[] {
  return those.map(({ authority }) => bytesToHex(authority)).sort();
}

function toKeep(evidence: Evidence | null): Effect[] {
  return evidence ? [{ kind: 'evidence', evidence }] : [];
}
