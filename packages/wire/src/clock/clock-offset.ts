/** How many measurements the average is taken over. */
const WINDOW = 10;
/** A `t` that is not later than this is no time (2020-12-31T14:00:00Z). */
const EARLIEST_TIME = 1_609_419_600_000;

/** The last measured differences between the local clock and the network's, in ms, oldest first. */
export type ClockOffsets = readonly number[];

/**
 * Adds what a node's answer tells: its `t` against the local time at which it came, both in ms since 1970
 * (onion-requests §5.4). The same list if `t` is no plausible time.
 */
export function withNodeTime(offsets: ClockOffsets, localTime: number, nodeTime: number): ClockOffsets {
  if (!Number.isFinite(nodeTime) || nodeTime <= EARLIEST_TIME) return offsets;
  return [...offsets, localTime - nodeTime].slice(-WINDOW);
}

/**
 * By how many ms the local clock is ahead of the network: the average of the measurements, rounded down; 0 without any.
 * Network time is the local time minus this (onion-requests §5.4).
 */
export function averageOffset(offsets: ClockOffsets): number {
  if (offsets.length === 0) return 0;
  const sum = offsets.reduce((total, offset) => total + offset, 0);
  return Math.floor(sum / offsets.length);
}
