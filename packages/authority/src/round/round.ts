import {
  agreedSuccession,
  assembleDirectory,
  type Claim,
  type DecidingAuthorities,
  type DirectorySignature,
  directorySignature,
  encodeDirectory,
  isSignatureValid,
  mergeVotes,
  type RoundMessage,
  signRoundMessage,
  signVote,
  type VerifiedDirectory,
  type Vote,
  type VoteContent,
  verifyVote,
  votesDigest,
} from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import type { Effect, RoundOutcome } from './effects.ts';
import type { RoundTiming } from './timing.ts';

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

interface HeldVote {
  readonly bytes: Uint8Array;
  readonly vote: Vote;
}

interface Signed {
  readonly dict: Uint8Array;
  readonly digest: Uint8Array;
  readonly claims: readonly Claim[];
  readonly at: number;
}

interface Result extends DirectorySignature {
  readonly digest: Uint8Array;
  readonly message: Uint8Array;
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
  readonly #votes = new Map<string, HeldVote>();
  /** Authorities that voted in two ways; none of their votes counts. */
  readonly #liars = new Set<string>();
  /** Authorities that made two results. */
  readonly #contradicted = new Set<string>();
  /** What others say that they hold, once they hold all votes. */
  readonly #heldByOthers = new Map<string, Uint8Array>();
  readonly #results = new Map<string, Result>();
  #heldSent = false;
  #signed: Signed | null = null;
  #over = false;

  constructor(start: RoundStart) {
    this.epoch = start.epoch;
    this.#start = start;
    this.#own = bytesToHex(start.keys.publicKey);
    this.#others = start.deciding.authorities.map(({ key }) => key).filter((key) => key !== this.#own);
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Votes. */
  begin(): Effect[] {
    const { networkId, keys, previous, successions, content, wallTime } = this.#start;
    const vote: Vote = {
      networkId,
      authority: keys.publicKey,
      epoch: this.epoch,
      previous: previous?.digest ?? NOTHING,
      time: wallTime,
      successions,
      ...content,
    };
    const bytes = signVote(vote, keys);
    this.#votes.set(this.#own, { bytes, vote });
    return [
      { kind: 'remember', epoch: this.epoch },
      ...this.#tell(this.#others, { vote: bytes }),
      ...this.advance(this.#start.startedAt),
    ];
  }

  /** Takes a message about this epoch from another authority. */
  receive(message: RoundMessage, bytes: Uint8Array, now: number): Effect[] {
    if (this.#over) return [];
    const sender = bytesToHex(message.sender);
    const effects = message.vote ? this.#takeVote(message.vote, sender, now) : [];
    if (message.held) this.#heldByOthers.set(sender, message.held);
    if (message.result) {
      effects.push(...this.#takeResult(sender, { ...message.result, authority: message.sender, message: bytes }));
    }
    return this.#over ? effects : [...effects, ...this.advance(now)];
  }

  /** Does what is due by now. */
  advance(now: number): Effect[] {
    if (this.#over) return [];
    const { timing, startedAt, deciding } = this.#start;
    const since = now - startedAt;
    const effects: Effect[] = [];
    if (!this.#signed) {
      effects.push(...this.#announceHeld());
      const enough = this.#counted().length >= deciding.threshold;
      if (this.#everybodyHoldsTheSame() || (enough && since >= timing.relaysEnd)) effects.push(...this.#sign(now));
    }
    if (this.#signed) effects.push(...this.#publish(this.#signed, now));
    if (!this.#over && since >= timing.end) effects.push(...this.end(this.#signed ? 'no-agreement' : 'too-few-votes'));
    return effects;
  }

  /** When {@link advance} may have something to do after `now`, by the same clock. */
  wakeAt(now: number): number {
    const { timing, startedAt } = this.#start;
    const next = this.#signed ? this.#signed.at + timing.signing : startedAt + timing.relaysEnd;
    return next > now ? next : startedAt + timing.end;
  }

  /** Ends the round, which then does nothing more. */
  end(result: RoundOutcome['result']): Effect[] {
    this.#over = true;
    const voters = this.#counted().map(({ vote }) => bytesToHex(vote.authority));
    const signers = this.#signed ? this.#agreeing(this.#signed).map(({ authority }) => bytesToHex(authority)) : [];
    const agreed = this.#agreedSuccession();
    return [
      ...(agreed ? [{ kind: 'succession' as const, successions: agreed }] : []),
      { kind: 'ended', outcome: { epoch: this.epoch, result, voters, signers } },
    ];
  }

  #takeVote(bytes: Uint8Array, sender: string, now: number): Effect[] {
    const vote = this.#readVote(bytes);
    if (!vote) return [];
    const author = bytesToHex(vote.authority);
    const held = this.#votes.get(author);
    if (author === this.#own || (held && equalBytes(held.bytes, bytes))) return [];
    const passOn = this.#tell(
      this.#others.filter((key) => key !== sender && key !== author),
      { vote: bytes },
    );
    if (held) {
      if (this.#liars.has(author)) return [];
      this.#liars.add(author);
      const evidence = {
        authority: author,
        epoch: this.epoch,
        what: 'votes' as const,
        first: held.bytes,
        second: bytes,
      };
      return [{ kind: 'evidence', evidence }, ...passOn];
    }
    if (this.#signed || !this.#isInTime(author === sender, now)) return [];
    this.#votes.set(author, { bytes, vote });
    return passOn;
  }

  #readVote(bytes: Uint8Array): Vote | null {
    try {
      const vote = verifyVote(bytes);
      const fits = vote.epoch === this.epoch && equalBytes(vote.networkId, this.#start.networkId);
      return fits && this.#others.includes(bytesToHex(vote.authority)) ? vote : null;
    } catch {
      return null;
    }
  }

  /**
   * A vote that its author sends late is not taken, but one that somebody else has in time is: otherwise whoever votes in
   * the last moment could make the honest hold different votes.
   */
  #isInTime(fromAuthor: boolean, now: number): boolean {
    const { timing, startedAt, deciding } = this.#start;
    if (this.#counted().length < deciding.threshold) return true;
    return now - startedAt < (fromAuthor ? timing.votesEnd : timing.relaysEnd);
  }

  #takeResult(sender: string, result: Result): Effect[] {
    if (!this.#others.includes(sender)) return [];
    const before = this.#results.get(sender);
    if (!before) {
      this.#results.set(sender, result);
      return [];
    }
    if (equalBytes(before.digest, result.digest) || this.#contradicted.has(sender)) return [];
    this.#contradicted.add(sender);
    const evidence = { authority: sender, epoch: this.epoch, what: 'results' as const };
    return [{ kind: 'evidence', evidence: { ...evidence, first: before.message, second: result.message } }];
  }

  /** Votes about the same directory before, of authorities that voted once. */
  #counted(): HeldVote[] {
    const previous = this.#start.previous?.digest ?? NOTHING;
    return [...this.#votes]
      .filter(([author, { vote }]) => !this.#liars.has(author) && equalBytes(vote.previous, previous))
      .map(([, held]) => held);
  }

  #announceHeld(): Effect[] {
    const counted = this.#counted();
    if (this.#heldSent || counted.length <= this.#others.length) return [];
    this.#heldSent = true;
    return this.#tell(this.#others, { held: votesDigest(counted.map(({ bytes }) => bytes)) });
  }

  /** Nothing more can come, so there is nothing to wait for. */
  #everybodyHoldsTheSame(): boolean {
    const counted = this.#counted();
    if (counted.length <= this.#others.length) return false;
    const held = votesDigest(counted.map(({ bytes }) => bytes));
    return this.#others.every((key) => equalBytes(this.#heldByOthers.get(key) ?? NOTHING, held));
  }

  #sign(now: number): Effect[] {
    const { networkId, keys, deciding, previous } = this.#start;
    const votes = this.#counted().map(({ vote }) => vote);
    const { threshold } = deciding;
    const { directory, claims } = mergeVotes({ networkId, epoch: this.epoch, threshold, previous, votes });
    const unsigned = encodeDirectory(directory);
    const { digest } = unsigned;
    const { signature } = directorySignature(digest, keys);
    this.#signed = { ...unsigned, claims, at: now };
    this.#results.set(this.#own, { authority: keys.publicKey, digest, signature, message: new Uint8Array() });
    return this.#tell(this.#others, { result: { digest, signature } });
  }

  #publish(signed: Signed, now: number): Effect[] {
    const { deciding, successions, timing } = this.#start;
    const agreeing = this.#agreeing(signed);
    if (agreeing.length < deciding.threshold) return [];
    // More signatures than needed are worth a moment: a list that drops many nodes must have all of them.
    if (agreeing.length < this.#counted().length && now < signed.at + timing.signing) return [];
    const directory = assembleDirectory(signed, agreeing, successions);
    return [{ kind: 'publish', directory, claims: signed.claims }, ...this.end('published')];
  }

  #agreeing({ digest }: Signed): DirectorySignature[] {
    return [...this.#results.values()].filter(
      (result) => equalBytes(result.digest, digest) && isSignatureValid(digest, result),
    );
  }

  #agreedSuccession(): Uint8Array[] | null {
    const { networkId, deciding, successions } = this.#start;
    const votes = [...this.#votes.values()].map(({ vote }) => vote);
    const next = agreedSuccession(networkId, deciding, successions.length, votes);
    return next && [...successions, next];
  }

  #tell(to: readonly string[], content: Partial<Pick<RoundMessage, 'vote' | 'held' | 'result'>>): Effect[] {
    if (to.length === 0) return [];
    const { networkId, keys } = this.#start;
    const whole = { networkId, sender: keys.publicKey, epoch: this.epoch, vote: null, held: null, result: null };
    return [{ kind: 'send', to, message: signRoundMessage({ ...whole, ...content }, keys) }];
  }
}
