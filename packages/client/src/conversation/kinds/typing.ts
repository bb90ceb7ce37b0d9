import type { Received } from '../received.ts';

/** Somebody whom we accepted types, or stopped (messages §5.7). */
export function takeTyping(isTyping: boolean, { store, touched, typing, sender, senderState, sentAt }: Received): void {
  if (!store.settings.read().typingIndicators || !senderState?.approved) return;
  if (typing.set(sender, sentAt, isTyping)) touched.conversation(sender);
}
