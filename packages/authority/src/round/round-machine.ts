import {
  type DecidingAuthorities,
  DirectoryError,
  decidingAfter,
  firstDeciding,
  type NetworkFile,
  networkId,
  type RoundMessage,
  requireContinuation,
  type VerifiedDirectory,
  type VoteContent,
  verifyRoundMessage,
  verifyVote,
} from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import { EarlyMessages } from './early-messages.ts';
import type { Effect } from './effects.ts';
import { Round } from './round.ts';
import { timingOf } from './timing.ts';

/** How far ahead of ours a round may be that somebody else has begun. */
const FARTHEST_EPOCH = 1000;

/** The state of the network as an authority knows it. */
export interface Situation {
  readonly deciding: DecidingAuthorities;
  readonly successions: readonly Uint8Array[];
  /** The newest directory; `null` before the first. */
  readonly previous: VerifiedDirectory | null;
}

/** The clocks at one moment. */
export interface Moment {
  /** Of a clock that never goes back, ms. */
  readonly steady: number;
  /** ms since 1970. */
  readonly wall: number;
}

/** What a {@link RoundMachine} is made of. */
export interface RoundMachineParts {
  readonly networkFile: NetworkFile;
  readonly keys: KeyPair;
  /** ms. */
  readonly roundLength: number;
  /** The highest epoch that this authority ever voted on; 0 at first. */
  readonly lastEpoch: number;
  /** When the first round is due, by the steady clock. */
  readonly firstRound: number;
  situation(): Situation;
  content(moment: Moment): VoteContent;
  /** Is there something that should not wait until the next round is due? */
  hasNews(): boolean;
}

/**
 * All rounds of one authority, one after the other: begins them when they are due, when others begin or when there is
 * news, and agrees with them about the epoch. Whoever runs it calls {@link receive} and {@link advance}, and when {@link isDue} says so, brings
 * what it knows up to date and calls {@link begin}. Pure: no clock, no disk, no sockets.
 */
export class RoundMachine {
  readonly #parts: RoundMachineParts;
  readonly #networkId: Uint8Array;
  readonly #own: string;
  readonly #early = new EarlyMessages();
  #lastEpoch: number;
  #lastStart = Number.NEGATIVE_INFINITY;
  #due: number;
  #round: Round | null = null;

  constructor(parts: RoundMachineParts) {
    this.#parts = parts;
    this.#networkId = networkId(parts.networkFile);
    this.#own = bytesToHex(parts.keys.publicKey);
    this.#lastEpoch = parts.lastEpoch;
    this.#due = parts.firstRound;
  }

  /** Should a round begin? */
  isDue({ steady }: Moment): boolean {
    if (this.#round) return false;
    if (steady >= this.#due) return true;
    const { earliest } = timingOf(this.#parts.roundLength);
    return steady >= this.#lastStart + earliest && this.#hasReason();
  }

  /** Begins a round, if this authority decides in the network. */
  begin(moment: Moment): Effect[] {
    const { keys, roundLength } = this.#parts;
    const situation = this.#parts.situation();
    this.#lastStart = moment.steady;
    this.#due = moment.steady + roundLength;
    if (!situation.deciding.authorities.some(({ key }) => key === this.#own)) return [];
    this.#lastEpoch = Math.max(this.#lastEpoch, situation.previous?.epoch ?? 0);
    const epoch = this.#nextEpoch();
    this.#lastEpoch = epoch;
    const round = new Round({
      networkId: this.#networkId,
      keys,
      ...situation,
      epoch,
      content: this.#parts.content(moment),
      timing: timingOf(roundLength),
      startedAt: moment.steady,
      wallTime: moment.wall,
    });
    this.#round = round;
    const effects = round.begin();
    for (const { message, bytes } of this.#early.take(epoch)) {
      effects.push(...round.receive(message, bytes, moment.steady));
    }
    return this.#after(effects);
  }

  /**
   * Takes a message of another authority.
   * @throws DirectoryError `encoding`, `signatures` or `wrong-network`; `authority-key` if its sender does not decide.
   */
  receive(bytes: Uint8Array, moment: Moment): Effect[] {
    const message = this.#read(bytes);
    const successions = this.#successionsIn(message);
    // Others decide now than this round supposes: it is none of theirs, the next one is.
    if (successions) return [{ kind: 'succession', successions }, ...this.#after(this.#round?.end('abandoned') ?? [])];
    const round = this.#round;
    if (round && message.epoch === round.epoch) return this.#after(round.receive(message, bytes, moment.steady));
    if (message.epoch <= this.#lastEpoch || message.epoch > this.#lastEpoch + FARTHEST_EPOCH) return [];
    this.#early.add(message, bytes);
    if (!round || !this.#isLeftBehind()) return [];
    // So many have gone on that an honest one is among them: there is nobody left to agree with here.
    this.#due = moment.steady;
    return this.#after(round.end('abandoned'));
  }

  /** Ends the round that runs, without a word: its epoch could not be remembered, so it is not to be voted on or signed. */
  abandon(): Effect[] {
    return this.#after(this.#round?.end('abandoned') ?? []);
  }

  /** Does what is due by now in the round that runs. */
  advance({ steady }: Moment): Effect[] {
    return this.#round ? this.#after(this.#round.advance(steady)) : [];
  }

  /** When to look again, by the steady clock, if no message comes before. */
  wakeAt({ steady }: Moment): number {
    if (this.#round) return this.#round.wakeAt(steady);
    const { earliest } = timingOf(this.#parts.roundLength);
    return this.#hasReason() ? Math.min(this.#due, this.#lastStart + earliest) : this.#due;
  }

  /** To begin before a round is due. */
  #hasReason(): boolean {
    return this.#epochsOfOthers().length > 0 || this.#parts.hasNews();
  }

  #after(effects: Effect[]): Effect[] {
    if (this.#round?.isOver) this.#round = null;
    return effects;
  }

  #read(bytes: Uint8Array): RoundMessage {
    const others = this.#others();
    const message = verifyRoundMessage(bytes, (sender) => others.has(bytesToHex(sender)));
    if (!equalBytes(message.networkId, this.#networkId)) {
      throw new DirectoryError('wrong-network', 'the message belongs to another network');
    }
    return message;
  }

  #others(): Set<string> {
    const { authorities } = this.#parts.situation().deciding;
    return new Set(authorities.map(({ key }) => key).filter((key) => key !== this.#own));
  }

  /** Those that a vote tells of, if they are more than we know and are what they claim to be. */
  #successionsIn({ vote }: RoundMessage): readonly Uint8Array[] | null {
    if (!vote) return null;
    try {
      const { successions } = verifyVote(vote);
      const known = this.#parts.situation().successions;
      if (successions.length <= known.length) return null;
      requireContinuation(known, successions);
      decidingAfter(this.#networkId, firstDeciding(this.#parts.networkFile), successions);
      return successions;
    } catch {
      return null;
    }
  }

  #epochsOfOthers(): [epoch: number, authorities: number][] {
    return [...this.#early.begun(this.#others())].filter(([epoch]) => epoch > this.#lastEpoch);
  }

  /** The epoch that most others have begun, the lowest of several; ours if nobody has. */
  #nextEpoch(): number {
    const begun = this.#epochsOfOthers().sort(([a, many], [b, more]) => more - many || a - b);
    return begun[0]?.[0] ?? this.#lastEpoch + 1;
  }

  #isLeftBehind(): boolean {
    const { authorities, threshold } = this.#parts.situation().deciding;
    return this.#epochsOfOthers().some(([, count]) => count > authorities.length - threshold);
  }
}
