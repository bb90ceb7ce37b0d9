import type { Change } from '../engine.ts';
import type { ProfileStore } from '../store/profile-store.ts';

/** Collects what a transaction changes, so that each thing is loaded and told once, after it. */
export class Touched {
  readonly #messages = new Set<number>();
  readonly #newMessages = new Set<number>();
  readonly #conversations = new Set<string>();
  readonly #removals: Change[] = [];
  #account = false;
  #work = false;

  message(id: number): void {
    this.#messages.add(id);
  }

  /** It was not there before. */
  newMessage(id: number): void {
    this.#messages.add(id);
    this.#newMessages.add(id);
  }

  conversation(id: string): void {
    this.#conversations.add(id);
  }

  messageRemoved(conversationId: string, id: number): void {
    this.#removals.push({ kind: 'message-removed', conversationId, messageId: String(id) });
    this.#conversations.add(conversationId);
  }

  conversationRemoved(conversationId: string): void {
    this.#removals.push({ kind: 'conversation-removed', conversationId });
  }

  account(): void {
    this.#account = true;
  }

  /** There is something to send, a chore for our mailbox, or another message that disappears. */
  work(): void {
    this.#work = true;
  }

  /** Takes over what another one collected. */
  add(other: Touched): void {
    for (const id of other.#messages) this.#messages.add(id);
    for (const id of other.#newMessages) this.#newMessages.add(id);
    for (const id of other.#conversations) this.#conversations.add(id);
    this.#removals.push(...other.#removals);
    this.#account ||= other.#account;
    this.#work ||= other.#work;
  }

  get hasWork(): boolean {
    return this.#work;
  }

  /** Has anything happened that is shown? */
  get isEmpty(): boolean {
    return !this.#account && this.#messages.size + this.#conversations.size + this.#removals.length === 0;
  }

  /** What to tell, as it is now. */
  changes(store: ProfileStore): Change[] {
    const messages = store.messageView.load([...this.#messages]);
    const conversations = [...this.#conversations].filter((id) => store.conversations.has(id));
    return [
      ...this.#removals,
      ...[...messages].map(
        ([id, message]): Change => ({ kind: 'message', message, ...(this.#newMessages.has(id) && { isNew: true }) }),
      ),
      ...conversations.map((conversationId): Change => ({ kind: 'conversation', conversationId })),
      ...(this.#account ? [{ kind: 'account' } as const] : []),
    ];
  }
}
