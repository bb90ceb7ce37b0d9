/** What a node gives is remembered for this long at most, whatever it says: the longest that one keeps anything, and a day. */
export const REMEMBER_AT_MOST_MS = 31 * 86_400_000;

/** A message as a swarm node gave it; its hash has been checked against its data. */
export interface StoredMessage {
  readonly hash: string;
  readonly data: Uint8Array;
  /** When it was stored, as its sender says, ms. */
  readonly timestamp: number;
  /** When the node forgets it, ms. */
  readonly expiresAt: number;
}

/** One namespace of one's own mailbox, and who deals with what comes there. */
export interface MailboxNamespace {
  readonly namespace: number;
  /** Messages that are dealt with before others get their turn; absent: all that came. */
  readonly chunk?: number;
  /**
   * Deals with messages, in the order of their times; what it did is durable when it returns. It sees some again. `now`:
   * network time, ms. Returns how many were new and changed something. @throws EngineError if the database fails; all
   * of them come again then.
   */
  take(messages: readonly StoredMessage[], now: number): number;
}
