import type { Received } from '../received.ts';

/** Somebody has read what we sent; the copy of it may come later (messages §5.8). */
export function takeReceipt(sentTimes: readonly number[], { store, touched, sender, ownId, now }: Received): void {
  if (!store.settings.read().readReceipts) return;
  for (const time of sentTimes) {
    const key = store.versions.first({ author: ownId, sentAt: time });
    const message = store.messages.find(key);
    if (!message) store.earlyReceipts.add(sender, key.sentAt, now);
    else if (message.conversationId === sender && !message.wasRead) {
      store.messages.setWasRead(message.id);
      touched.message(message.id);
    }
  }
}
