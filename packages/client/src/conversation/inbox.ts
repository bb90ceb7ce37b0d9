import { WireError } from '@sotto/wire';
import type { Account } from '@sotto/wire/account';
import { decodeContent } from '@sotto/wire/content';
import { openMessage } from '@sotto/wire/message';
import { type Change, EngineError } from '../engine.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Logger } from '../surroundings.ts';
import type { ChangeFeed } from './change-feed.ts';
import { handleContent } from './handlers.ts';
import type { Received } from './received.ts';

/** The namespace of one-to-one messages. */
export const INBOX_NAMESPACE = 0;

/** How long a hash is remembered at least: as long as any node may keep a message, and a day for their clocks. */
const REMEMBER_MS = 15 * 86_400_000;
/** And at most, whatever a node says: the longest a node may keep anything, and a day. */
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

/** What the inbox works with. */
export interface InboxParts {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly feed: ChangeFeed;
  readonly log: Logger;
}

/** Turns what the swarm stored for us into messages, each exactly once (messages §7). */
export class Inbox {
  readonly #parts: InboxParts;

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  /**
   * Deals with messages in this order. Each one's hash is recorded in the transaction of its effect, so that a crash
   * loses nothing and shows nothing twice. @param now network time, ms.
   * @returns how many were new and changed something.
   * @throws EngineError if the database fails; all of them come again with the next poll.
   */
  take(messages: readonly StoredMessage[], now: number): number {
    const { store, feed } = this.#parts;
    let fresh = 0;
    // One transaction for all: a disk takes longer to make sure of one than to write what is in it.
    const changes = store.transaction(() =>
      messages.flatMap((message) => {
        if (store.seen.has(INBOX_NAMESPACE, message.hash)) return [];
        const expiresAt = Math.min(Math.max(message.expiresAt, now + REMEMBER_MS), now + REMEMBER_AT_MOST_MS);
        store.seen.add(INBOX_NAMESPACE, message.hash, expiresAt);
        const effect = this.#handle(message.data, now);
        if (effect.length > 0) fresh++;
        return effect;
      }),
    );
    feed.emit(...changes);
    return fresh;
  }

  #handle(data: Uint8Array, now: number): readonly Change[] {
    const { store, log } = this.#parts;
    try {
      const received = this.#open(data, now);
      return received ? store.transaction(() => handleContent(received, store)) : [];
    } catch (error) {
      if (error instanceof EngineError) throw error;
      // A message that trips over a fault of ours must not keep all later ones from arriving.
      log.warn({ error: (error as Error).name }, 'could not deal with a message');
      return [];
    }
  }

  /** `null` for everything that is dropped without a word: other versions, garbage, times that disagree. */
  #open(data: Uint8Array, now: number): Received | null {
    const { account, log } = this.#parts;
    try {
      const opened = openMessage(data, account);
      if (opened.kind !== 'message') return null;
      const content = decodeContent(opened.content);
      const { sender, timestamp: sentAt } = opened;
      if (content.sigTimestamp !== 0n && content.sigTimestamp !== BigInt(sentAt)) return null;
      return { content, sender, sentAt, ownId: account.accountId, now };
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      log.debug({ code: error.code }, 'dropped a message that does not open');
      return null;
    }
  }
}
