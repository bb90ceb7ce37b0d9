/** How long things may take and how often they are done, in ms. */
export interface Timings {
  /** One onion request (onion-requests §4.4). */
  readonly request: number;
  /** A test of a path or a guard. */
  readonly probe: number;
  /** Fetching the directory. */
  readonly fetch: number;
  /** Life of the middle and exit of a path, ± 20 %. */
  readonly rotation: number;
  /** Between two refreshes of the directory, ± 20 %. */
  readonly refresh: number;
  /** First pause after a failure; it doubles up to `longestPause`. */
  readonly firstPause: number;
  readonly longestPause: number;
}

/** What is used outside tests. */
export const DEFAULT_TIMINGS: Timings = {
  request: 10_000,
  probe: 6_000,
  fetch: 10_000,
  rotation: 600_000,
  refresh: 3_600_000,
  firstPause: 500,
  longestPause: 15_000,
};
