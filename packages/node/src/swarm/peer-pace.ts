import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';

/** A moment in which a busy machine does nothing else must not make a healthy member look dead. */
const LEAST_PATIENCE_MS = 1_000;
const MOST_PATIENCE_MS = 1_500;
/** With a node that was too slow the last time, or was not there: enough for one that is back to be heard. */
const SLOW_PATIENCE_MS = 100;

interface Pace {
  /** Smoothed time to an answer, ms; `null` before the first one. */
  usual: number | null;
  /** The last answer took longer than anybody is waited for. */
  isSlow: boolean;
  /** The last request was not answered at all. */
  isSilent: boolean;
}

/** How fast other nodes answer, so that nobody waits long for those who do not. */
export class PeerPace {
  readonly #paces = new Map<string, Pace>();

  /** How long an answer of this node is worth waiting for, ms: a few times what it usually takes, but 1.5 s at most. */
  patience(node: NodeRecord): number {
    const { usual, isSlow, isSilent } = this.#of(node);
    if (isSilent || isSlow) return SLOW_PATIENCE_MS;
    if (usual === null) return MOST_PATIENCE_MS;
    return Math.min(MOST_PATIENCE_MS, Math.max(LEAST_PATIENCE_MS, 8 * usual));
  }

  isSilent(node: NodeRecord): boolean {
    return this.#of(node).isSilent;
  }

  answered(node: NodeRecord, milliseconds: number): void {
    const pace = this.#of(node);
    pace.usual = pace.usual === null ? milliseconds : 0.8 * pace.usual + 0.2 * milliseconds;
    pace.isSlow = milliseconds > MOST_PATIENCE_MS;
    pace.isSilent = false;
  }

  /** Patience with the node ran out; it may still answer. */
  outlasted(node: NodeRecord): void {
    this.#of(node).isSlow = true;
  }

  unanswered(node: NodeRecord): void {
    this.#of(node).isSilent = true;
  }

  #of({ ed25519Key }: NodeRecord): Pace {
    const name = bytesToHex(ed25519Key);
    let pace = this.#paces.get(name);
    if (!pace) {
      pace = { usual: null, isSlow: false, isSilent: false };
      this.#paces.set(name, pace);
    }
    return pace;
  }
}
