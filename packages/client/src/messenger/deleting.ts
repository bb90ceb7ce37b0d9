import { unsendContent } from '../conversation/compose.ts';
import { MESSAGE_TTL_MS } from '../conversation/lifetimes.ts';
import { COPIES_QUEUE } from '../conversation/outbox.ts';
import { clearConversation, eraseMessage, removeMessage } from '../conversation/removal.ts';
import type { Touched } from '../conversation/touched.ts';
import { type DeletionReport, EngineError } from '../engine.ts';
import { currentSentAt, type MessageRecord } from '../store/message-record.ts';
import type { Desk } from './desk.ts';

/** Deleting: messages and conversations (messages §5.9). What is deleted here stays away, whatever brings it again. */
export class Deleting {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  deleteHere(messageIds: readonly string[]): void {
    const messages = messageIds.map((id) => this.#desk.message(id));
    this.#desk.change((touched) => {
      for (const message of messages) removeMessage(message, this.#desk.store, touched);
    });
  }

  deleteForEveryone(messageIds: readonly string[]): void {
    const messages = messageIds.map((id) => this.#desk.message(id));
    if (messages.some(({ outgoing, kind }) => !outgoing || kind !== 'message')) {
      throw new EngineError('not-allowed', 'only own messages can be deleted for everyone');
    }
    this.#desk.change((touched) => {
      for (const message of messages) if (!message.deleted) this.#deleteForEveryone(message, touched);
    });
  }

  deletion(messageId: string): DeletionReport | null {
    return this.#desk.store.chores.report(this.#desk.message(messageId).id);
  }

  deleteConversation(conversationId: string): void {
    this.#desk.conversation(conversationId);
    this.#desk.change((touched) => {
      this.#clear(conversationId, touched);
      this.#desk.store.conversations.update(conversationId, { priority: -1, draft: '', markedUnread: false });
    });
  }

  removeContact(accountId: string): void {
    this.#desk.conversation(accountId);
    this.#desk.change((touched) => {
      this.#clear(accountId, touched);
      this.#desk.store.conversations.remove(accountId);
    });
  }

  #clear(conversationId: string, touched: Touched): void {
    const { store } = this.#desk;
    clearConversation(conversationId, this.#desk.now(), store, touched);
    touched.conversationRemoved(conversationId);
  }

  #deleteForEveryone(message: MessageRecord, touched: Touched): void {
    const { store, ownId } = this.#desk;
    const { id, conversationId, hash } = message;
    if (!this.#mayHaveLeft(message)) {
      // What nobody has seen is not said to be deleted.
      removeMessage(message, store, touched);
      return;
    }
    const target = { author: ownId, sentAt: currentSentAt(message)! };
    store.tombstones.addUnsent(target, this.#desk.now());
    if (conversationId === ownId) {
      if (hash !== null) store.chores.addDeletion(hash, null);
      removeMessage(message, store, touched);
    } else {
      store.chores.openReport(id);
      eraseMessage(message, store, touched, this.#desk.now());
    }
    const sentAt = this.#desk.timestamp();
    const entry = { content: unsendContent(target, sentAt), sentAt, ttl: MESSAGE_TTL_MS, copy: null };
    store.outbox.add({ ...entry, queue: COPIES_QUEUE, recipient: ownId, role: 'control', messageId: null });
    if (conversationId !== ownId) {
      store.outbox.add({ ...entry, queue: conversationId, recipient: conversationId, role: 'unsend', messageId: id });
    }
    touched.work();
  }

  /** Could somebody else have it, in this version or an earlier one? It may, once an attempt to send it has begun. */
  #mayHaveLeft({ id, delivery, versionAt, failure }: MessageRecord): boolean {
    const { attachments, outbox } = this.#desk.store;
    if (delivery === 'stored' || versionAt !== null) return true;
    // Files go first.
    if (attachments.of(id).some(({ pointer }) => pointer === null)) return false;
    if (delivery === 'failed') return failure !== 'too-long';
    return delivery === 'sending' || outbox.wasAttempted(id);
  }
}
