import { markAllRead } from '../conversation/reading.ts';
import type { TypingBoard } from '../conversation/typing-board.ts';
import { type Contact, type Conversation, EngineError, type MessagePage } from '../engine.ts';
import type { Desk } from './desk.ts';
import type { Receipts } from './receipts.ts';

const DEFAULT_PAGE = 50;
const LONGEST_PAGE = 200;

/** Looking at conversations, and what follows from having looked. */
export class Viewing {
  readonly #desk: Desk;
  readonly #typing: TypingBoard;
  readonly #receipts: Receipts;

  constructor(desk: Desk, typing: TypingBoard, receipts: Receipts) {
    this.#desk = desk;
    this.#typing = typing;
    this.#receipts = receipts;
  }

  conversations(): readonly Conversation[] {
    return this.#desk.store.conversationView.list().map((conversation) => this.#withTyping(conversation));
  }

  conversation(id: string): Conversation | null {
    const conversation = this.#desk.store.conversationView.get(id);
    return conversation && this.#withTyping(conversation);
  }

  contacts(): readonly Contact[] {
    return this.#desk.store.conversationView.contacts();
  }

  messages(conversationId: string, page: { readonly before?: string; readonly limit?: number } = {}): MessagePage {
    const result = this.#desk.store.messageView.page(conversationId, page.before, pageSize(page.limit));
    this.#desk.noteActivity();
    return result;
  }

  messagesAround(messageId: string, limit?: number): MessagePage {
    const page = this.#desk.store.messageView.around(this.#desk.message(messageId).id, pageSize(limit));
    if (!page) throw new EngineError('not-found', 'there is no such message');
    return page;
  }

  markRead(conversationId: string): void {
    const { store } = this.#desk;
    this.#desk.noteActivity();
    if (!store.conversations.has(conversationId)) return;
    this.#desk.change((touched) => {
      const times = markAllRead(conversationId, this.#desk.now(), store, touched);
      this.#receipts.queue(conversationId, times, touched);
      if (store.conversations.update(conversationId, { markedUnread: false })) touched.conversation(conversationId);
    });
  }

  markUnread(conversationId: string): void {
    this.#desk.set(conversationId, { markedUnread: true });
  }

  #withTyping(conversation: Conversation): Conversation {
    return this.#typing.isTyping(conversation.id) ? { ...conversation, isTyping: true } : conversation;
  }
}

function pageSize(limit = DEFAULT_PAGE): number {
  return Math.min(Math.max(Math.trunc(limit) || DEFAULT_PAGE, 1), LONGEST_PAGE);
}
