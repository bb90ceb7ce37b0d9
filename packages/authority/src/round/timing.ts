/** When things happen in a round, in ms after its start (docs/protocol/directory.md §8.4). */
export interface RoundTiming {
  /** Time from one start to the next. */
  readonly length: number;
  /** A round that somebody else begins, or that news asks for, begins no sooner after the last start. */
  readonly earliest: number;
  /** From then on a vote is taken only from somebody who passes it on. */
  readonly votesEnd: number;
  /** From then on no vote is taken, if there are enough. */
  readonly relaysEnd: number;
  /** How long others are waited for once there are enough signatures. */
  readonly signing: number;
  /** How long whatever is new takes at most to all others, once somebody passes it on. */
  readonly passing: number;
  /** The round is over, whatever it has. */
  readonly end: number;
}

const LONGEST_STEP = 30_000;
/** So that many nodes that join one after the other do not make a round each. */
const LONGEST_REST = 60_000;

/** The times that follow from the length of a round. */
export function timingOf(length: number): RoundTiming {
  const step = Math.min(length / 4, LONGEST_STEP);
  return {
    length,
    earliest: Math.min(length / 2, LONGEST_REST),
    votesEnd: step,
    relaysEnd: 1.5 * step,
    signing: step,
    passing: step / 2,
    end: 0.75 * length,
  };
}
