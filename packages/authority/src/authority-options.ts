import type { DirectoryStore, NetworkFile } from '@sotto/directory';
import type { Log } from '@sotto/node';
import type { Probe } from './members/probe.ts';
import type { RoundOutcome } from './round/effects.ts';
import { timingOf } from './round/timing.ts';
import type { AuthorityStatus } from './status.ts';

const DEFAULT_ROUND_LENGTH = 3_600_000;
const LONGEST_TIMEOUT = 5_000;

/** What an authority that votes with others needs. */
export interface AuthorityOptions {
  /** Holds `authority.key` (see `createAuthorityKey`); everything else that the authority keeps is made there. */
  readonly folder: string;
  readonly networkFile: NetworkFile;
  /** Absent: 127.0.0.1. */
  readonly host?: string;
  /** Absent or 0: any free port. */
  readonly port?: number;
  /** ms; the same at all authorities. Absent: one hour. */
  readonly roundLength?: number;
  /** ms since 1970; absent: the system's clock. */
  readonly now?: () => number;
  /** Absent: over HTTPS and OxenMQ from this machine. */
  readonly probe?: Probe;
  readonly log: Log;
  /** Told of every round's end. */
  readonly onRound?: (outcome: RoundOutcome) => void;
}

/** An authority at work. */
export interface RunningAuthority {
  /** Its public key, lower-case hex. */
  readonly key: string;
  readonly port: number;
  readonly directory: DirectoryStore;
  status(): Promise<AuthorityStatus>;
  /** Resolves once nothing runs any more and the key is wiped. */
  close(): Promise<void>;
}

/** Time from one round to the next, ms. */
export function roundLengthOf({ roundLength = DEFAULT_ROUND_LENGTH }: AuthorityOptions): number {
  return roundLength;
}

/** How long an authority waits for one answer of a node or another authority, ms. */
export function timeoutOf(options: AuthorityOptions): number {
  return Math.min(timingOf(roundLengthOf(options)).votesEnd, LONGEST_TIMEOUT);
}
