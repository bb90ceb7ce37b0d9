import { receiptContent } from '../conversation/compose.ts';
import { MESSAGE_TTL_MS } from '../conversation/lifetimes.ts';
import type { Touched } from '../conversation/touched.ts';
import type { Desk } from './desk.ts';

/** Sent times in one receipt. */
const MOST_TIMES = 1000;

/** Tells others what we have read, if we chose to (messages §5.8). */
export class Receipts {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** For one transaction. `times`: sent times of what was read now. */
  queue(conversationId: string, times: readonly number[], touched: Touched): void {
    const { store, ownId } = this.#desk;
    if (times.length === 0 || conversationId === ownId || !store.settings.read().readReceipts) return;
    const state = store.conversations.state(conversationId);
    if (!state?.approved || state.blocked) return;
    for (let start = 0; start < times.length; start += MOST_TIMES) {
      const sentAt = this.#desk.timestamp();
      store.outbox.add({
        queue: conversationId,
        recipient: conversationId,
        role: 'control',
        content: receiptContent(times.slice(start, start + MOST_TIMES), sentAt),
        sentAt,
        ttl: MESSAGE_TTL_MS,
        messageId: null,
        copy: null,
      });
    }
    touched.work();
  }
}
