import {
  acceptDirectory,
  basisOf,
  type Claim,
  DirectoryError,
  type DirectoryState,
  decidingAfter,
  firstDeciding,
  initialState,
  type NetworkFile,
  rememberConflict,
  type VerifiedDirectory,
  type VoteContent,
} from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import type { Evidence, RoundOutcome } from '../round/effects.ts';
import { RoundMachine } from '../round/round-machine.ts';

/** What reaches another authority of what one sends: anything, at any time, or nothing. */
export type Link = (from: string, to: string, message: Uint8Array) => readonly { message: Uint8Array; delay: number }[];

export interface SimulationOptions {
  readonly file: NetworkFile;
  readonly authorities: readonly KeyPair[];
  /** ms since 1970 when the simulation begins. */
  readonly begin: number;
  readonly roundLength: number;
  /** Absent: every message arrives after 10 ms. */
  readonly link?: Link;
  /** How far the clock of an authority is ahead, ms. Absent: 0. */
  readonly clockError?: (index: number) => number;
  /** When an authority starts, ms after the beginning. Absent: 0. */
  readonly startAt?: (index: number) => number;
  readonly content: (index: number, simulated: SimulatedAuthority) => VoteContent;
  /** Absent: never. */
  readonly hasNews?: (index: number, simulated: SimulatedAuthority) => boolean;
}

/** One authority of a simulation and what it has come to know. */
export class SimulatedAuthority {
  readonly key: string;
  readonly outcomes: RoundOutcome[] = [];
  readonly evidence: Evidence[] = [];
  /** Every directory that it published or took from another. */
  readonly published: Uint8Array[] = [];
  state: DirectoryState;
  claims: readonly Claim[] = [];
  successions: readonly Uint8Array[] = [];
  lastEpoch = 0;
  machine: RoundMachine;
  isUp = true;
  readonly #make: (lastEpoch: number, firstRound: number) => RoundMachine;

  constructor(options: SimulationOptions, index: number) {
    const keys = options.authorities[index]!;
    this.key = bytesToHex(keys.publicKey);
    this.state = initialState(options.file);
    this.#make = (lastEpoch, firstRound) =>
      new RoundMachine({
        networkFile: options.file,
        keys,
        roundLength: options.roundLength,
        lastEpoch,
        firstRound,
        situation: () => ({
          deciding: decidingAfter(this.state.networkId, firstDeciding(options.file), this.successions),
          successions: this.successions,
          previous: basisOf(this.state),
        }),
        content: () => options.content(index, this),
        hasNews: () => options.hasNews?.(index, this) ?? false,
      });
    this.machine = this.#make(0, options.startAt?.(index) ?? 0);
  }

  /** As after a crash: what is on disk stays, the round that ran is gone. */
  restart(firstRound: number): void {
    this.machine = this.#make(this.lastEpoch, firstRound);
  }

  take(directory: Uint8Array, now: number): void {
    try {
      const state = acceptDirectory(this.state, directory, now);
      if (state === this.state) return;
      this.state = state;
      this.published.push(directory);
      if (state.successions.length > this.successions.length) this.successions = state.successions;
    } catch (error) {
      // As a real one, it goes on with what it has.
      const isConflict = error instanceof DirectoryError && error.code === 'conflict';
      if (isConflict) this.state = rememberConflict(this.state, directory);
    }
  }
}

/** Authorities with a clock and links of their own making: real rounds, no sockets, no waiting. */
export class Simulation {
  readonly authorities: readonly SimulatedAuthority[];
  link: Link;
  readonly #options: SimulationOptions;
  #time = 0;
  readonly #underway: { at: number; to: string; message: Uint8Array }[] = [];

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.link = options.link ?? ((_from, _to, message) => [{ message, delay: 10 }]);
    this.authorities = options.authorities.map((_, index) => new SimulatedAuthority(options, index));
  }

  get time(): number {
    return this.#time;
  }

  /** Lets time pass, in ms. */
  run(duration: number): void {
    const end = this.#time + duration;
    for (;;) {
      const wakes = this.authorities.filter(({ isUp }) => isUp).map((each) => each.machine.wakeAt(this.#moment(each)));
      const next = Math.min(...this.#underway.map(({ at }) => at), ...wakes);
      if (next > end) break;
      this.#time = Math.max(this.#time, next);
      this.#deliver();
      for (const each of this.authorities) if (each.isUp) this.#wake(each);
    }
    this.#time = end;
  }

  /** Lets a message of somebody's making arrive after `delay` ms. */
  inject(to: string, message: Uint8Array, delay: number): void {
    this.#underway.push({ at: this.#time + delay, to, message });
  }

  #deliver(): void {
    this.#underway.sort((a, b) => a.at - b.at);
    while (this.#underway.length > 0 && this.#underway[0]!.at <= this.#time) {
      const { to, message } = this.#underway.shift()!;
      const receiver = this.authorities.find(({ key }) => key === to);
      if (!receiver?.isUp) continue;
      try {
        this.#do(receiver, receiver.machine.receive(message, this.#moment(receiver)));
      } catch {
        // Refused; a real one answers with the reason.
      }
    }
  }

  #wake(authority: SimulatedAuthority): void {
    this.#do(authority, authority.machine.advance(this.#moment(authority)));
    if (!authority.machine.isDue(this.#moment(authority))) return;
    for (const other of this.authorities) {
      const reaches = other !== authority && other.isUp && this.link(other.key, authority.key, new Uint8Array()).length;
      const shown = reaches ? shownTo(authority, other) : null;
      if (shown) authority.take(shown.bytes, this.#moment(authority).wall);
    }
    this.#do(authority, authority.machine.begin(this.#moment(authority)));
  }

  #do(authority: SimulatedAuthority, effects: ReturnType<RoundMachine['advance']>): void {
    for (const effect of effects) {
      if (effect.kind === 'remember') authority.lastEpoch = effect.epoch;
      else if (effect.kind === 'send') for (const to of effect.to) this.#send(authority.key, to, effect.message);
      else if (effect.kind === 'publish') {
        authority.take(effect.directory, this.#moment(authority).wall);
        authority.claims = effect.claims;
      } else if (effect.kind === 'succession') authority.successions = effect.successions;
      else if (effect.kind === 'evidence') authority.evidence.push(effect.evidence);
      else authority.outcomes.push(effect.outcome);
    }
  }

  #send(from: string, to: string, sent: Uint8Array): void {
    for (const { message, delay } of this.link(from, to, sent)) {
      this.inject(to, message, delay);
    }
  }

  #moment(authority: SimulatedAuthority): { steady: number; wall: number } {
    const error = this.#options.clockError?.(this.authorities.indexOf(authority)) ?? 0;
    return { steady: this.#time, wall: this.#options.begin + this.#time + error };
  }
}

/** What one authority gives another that asks for its directory. */
function shownTo({ state }: SimulatedAuthority, { state: shown }: SimulatedAuthority): VerifiedDirectory | null {
  const isKnown = state.accepted && shown.accepted && equalBytes(state.accepted.digest, shown.accepted.digest);
  return isKnown ? basisOf(shown) : shown.accepted;
}
