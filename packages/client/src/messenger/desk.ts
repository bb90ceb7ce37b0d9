import { WireError } from '@sotto/wire';
import { parseAccountId } from '@sotto/wire/account';
import type { Activity } from '../conversation/activity.ts';
import type { ChangeFeed } from '../conversation/change-feed.ts';
import { Touched } from '../conversation/touched.ts';
import { EngineError } from '../engine.ts';
import type { AttachmentRecord } from '../store/attachment-table.ts';
import type { ConversationState } from '../store/conversation-state.ts';
import type { MessageRecord } from '../store/message-record.ts';
import type { ProfileStore } from '../store/profile-store.ts';

const LOCAL_ID = /^\d{1,15}$/;

/** What commands work with. */
export interface DeskParts {
  readonly store: ProfileStore;
  readonly feed: ChangeFeed;
  readonly activity: Activity;
  readonly ownId: string;
  /** Network time, ms. */
  readonly now: () => number;
  /** There may be something to send, a chore for our mailbox, or another message that disappears. */
  readonly onWork: () => void;
}

/** What every command needs: finding what it is about, and changing it in one transaction that is told afterwards. */
export class Desk {
  readonly store: ProfileStore;
  readonly ownId: string;
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.store = parts.store;
    this.ownId = parts.ownId;
  }

  /** Network time, ms. */
  now(): number {
    return this.#parts.now();
  }

  /** Somebody is at work here: look for news more often for a while. */
  noteActivity(): void {
    this.#parts.activity.note();
  }

  /** Does all of it or nothing, and tells what it touched. */
  change<T>(work: (touched: Touched) => T): T {
    const { store, feed, onWork } = this.#parts;
    const touched = new Touched();
    const result = store.transaction(() => work(touched));
    feed.emit(...touched.changes(store));
    if (touched.hasWork) onWork();
    this.noteActivity();
    return result;
  }

  /** A timestamp that no other message of ours has (messages §5.1). */
  timestamp(): number {
    return this.store.account.nextTimestamp(this.ownId, this.now());
  }

  /** @throws EngineError `not-found` */
  message(id: string): MessageRecord {
    const message = LOCAL_ID.test(id) ? this.store.messages.get(Number(id)) : null;
    if (!message) throw new EngineError('not-found', 'there is no such message');
    return message;
  }

  /** @throws EngineError `not-found` */
  attachment(id: string): AttachmentRecord {
    const attachment = LOCAL_ID.test(id) ? this.store.attachments.get(Number(id)) : null;
    if (!attachment) throw new EngineError('not-found', 'there is no such attachment');
    return attachment;
  }

  /** @throws EngineError `not-found` */
  conversation(id: string): ConversationState {
    const state = this.store.conversations.state(id);
    if (!state) throw new EngineError('not-found', 'there is no such conversation');
    return state;
  }

  /** Changes what is set about a conversation, and tells it if it is different. @throws EngineError `not-found` */
  set(conversationId: string, change: Partial<ConversationState>): void {
    this.conversation(conversationId);
    this.change((touched) => {
      if (this.store.conversations.update(conversationId, change)) touched.conversation(conversationId);
    });
  }
}

/** @throws EngineError `bad-account-id` */
export function readAccountId(text: string): string {
  try {
    return parseAccountId(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new EngineError('bad-account-id', 'an account id has 66 hex digits and begins with 05');
  }
}
