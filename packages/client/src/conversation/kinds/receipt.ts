import type { Received } from '../received.ts';

/** More in one receipt are not looked at, and more of one reader not kept for messages that may still come. */
const MOST_TIMES = 1000;

/** Somebody has read what we sent; the copy of it may come later (messages §5.8). */
export function takeReceipt(sentTimes: readonly number[], { store, touched, sender, ownId, now }: Received): void {
  if (!store.settings.read().readReceipts) return;
  let room = MOST_TIMES - store.earlyReceipts.countOf(sender);
  for (const time of sentTimes.slice(0, MOST_TIMES)) {
    const key = store.versions.first({ author: ownId, sentAt: time });
    const message = store.messages.find(key);
    if (!message) {
      if (room-- > 0) store.earlyReceipts.add(sender, key.sentAt, now);
    } else if (message.conversationId === sender && !message.wasRead) {
      store.messages.setWasRead(message.id);
      touched.message(message.id);
    }
  }
}
