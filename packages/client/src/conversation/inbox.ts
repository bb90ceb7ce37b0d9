import { WireError } from '@sotto/wire';
import type { Account } from '@sotto/wire/account';
import { type AcceptedContent, acceptContent, decodeContent } from '@sotto/wire/content';
import { openMessage } from '@sotto/wire/message';
import { contactTokenExpiry } from '../account/contact-token.ts';
import { EngineError } from '../engine.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Logger } from '../surroundings.ts';
import type { ChangeFeed } from './change-feed.ts';
import { handleContent } from './handlers.ts';
import { type MailboxNamespace, REMEMBER_AT_MOST_MS, type StoredMessage } from './mailbox-namespace.ts';
import type { Received } from './received.ts';
import { Touched } from './touched.ts';
import type { TypingBoard } from './typing-board.ts';

/** The namespace of one-to-one messages. */
export const INBOX_NAMESPACE = 0;

/** How long a hash is remembered at least: as long as any node may keep a message, and a day for their clocks. */
const REMEMBER_MS = 15 * 86_400_000;

/** What the inbox works with. */
export interface InboxParts {
  readonly store: ProfileStore;
  readonly account: Account;
  readonly feed: ChangeFeed;
  readonly typing: TypingBoard;
  readonly log: Logger;
  /** There is something to send, a chore for our mailbox, or another message that disappears. */
  readonly onWork: () => void;
  /**
   * Does the state that our devices share say that this conversation was deleted after a message was stored at that time
   * (messages §7 step 8)?
   */
  readonly isStale?: (conversationId: string, storedAt: number) => boolean;
  /** Another device of ours sent something at that time. */
  readonly onOtherDevice?: (sentAt: number) => void;
}

/** A content that may take effect, and what came with it. */
interface Opened {
  readonly content: AcceptedContent;
  readonly sender: string;
  readonly sentAt: number;
}

/** Turns what the swarm stored for us into messages, each exactly once (messages §7). */
export class Inbox implements MailboxNamespace {
  readonly namespace = INBOX_NAMESPACE;
  /** Messages worked on before others get their turn. */
  readonly chunk = 100;
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
    const { store, feed, onWork } = this.#parts;
    let fresh = 0;
    let noise = 0;
    const touched = new Touched();
    // One transaction for all: a disk takes longer to make sure of one than to write what is in it.
    store.transaction(() => {
      for (const message of messages) {
        const { hash } = message;
        if (store.seen.has(INBOX_NAMESPACE, hash)) continue;
        const outcome = this.#handle(message, now, touched);
        const expiresAt = Math.min(Math.max(message.expiresAt, now + REMEMBER_MS), now + REMEMBER_AT_MOST_MS);
        store.seen.add({ namespace: INBOX_NAMESPACE, hash, expiresAt, isNoise: outcome === 'noise' }, now);
        if (outcome === 'changed') fresh++;
        if (outcome === 'noise') noise++;
      }
      if (noise > 0) store.seen.limitNoise();
    });
    feed.emit(...touched.changes(store));
    if (touched.hasWork) onWork();
    return fresh;
  }

  /** `changed`: something that is shown. */
  #handle(message: StoredMessage, now: number, all: Touched): 'changed' | 'unchanged' | 'noise' {
    const { store, account, typing, log } = this.#parts;
    try {
      const opened = this.#open(message);
      if (opened === 'noise') return 'noise';
      if (!opened) return 'unchanged';
      const touched = new Touched();
      const { content, sender, sentAt } = opened;
      const { hash, expiresAt, timestamp: storedAt } = message;
      const ownId = account.accountId;
      const senderState = store.conversations.state(sender);
      const received: Received = {
        sender,
        sentAt,
        storedAt,
        senderState,
        hash,
        expiresAt,
        tokenExpiry: (token) => contactTokenExpiry(account, token),
        ownId,
        now,
        store,
        touched,
        typing,
      };
      const isOurs = () => sender === ownId && store.messages.find({ author: sender, sentAt }) !== null;
      const wasHere = isOurs();
      store.transaction(() => handleContent(content, received));
      if (!wasHere && isOurs()) this.#parts.onOtherDevice?.(Math.min(sentAt, now));
      all.add(touched);
      return touched.isEmpty ? 'unchanged' : 'changed';
    } catch (error) {
      if (error instanceof EngineError) throw error;
      // A message that trips over a fault of ours must not keep all later ones from arriving.
      log.warn({ error: (error as Error).name }, 'could not deal with a message');
      return 'unchanged';
    }
  }

  /** `noise` for garbage and other versions, `null` for what a rule forbids or what was deleted. */
  #open({ data, timestamp }: StoredMessage): Opened | 'noise' | null {
    const { account, log, isStale } = this.#parts;
    try {
      const opened = openMessage(data, account);
      if (opened.kind !== 'message') return 'noise';
      const { sender, timestamp: sentAt } = opened;
      const content = acceptContent(decodeContent(opened.content), { sender, sentAt, ownAccountId: account.accountId });
      if (content.kind === 'dropped') return null;
      // The node's word alone does not make it older than its author says.
      const storedAt = Math.max(timestamp, sentAt);
      return isStale?.('conversation' in content ? content.conversation : sender, storedAt)
        ? null
        : { content, sender, sentAt };
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      log.debug({ code: error.code }, 'dropped a message that does not open');
      return 'noise';
    }
  }
}
