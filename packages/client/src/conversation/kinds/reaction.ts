import type { AcceptedContent } from '@sotto/wire/content';
import { isEmoji } from '../emoji.ts';
import { applyProfile } from '../profile.ts';
import type { Received } from '../received.ts';

/** Somebody adds or takes back a reaction; the message may come later (messages §5.4). */
export function takeReaction(content: AcceptedContent & { kind: 'reaction' }, received: Received): void {
  const { store, touched, sender, sentAt, ownId } = received;
  const { conversation: conversationId, emoji, removed } = content;
  applyProfile(content.profile, received.senderState, received);
  if (!isEmoji(emoji)) return;
  // Nobody else writes in a conversation of two.
  if (content.target.author !== ownId && content.target.author !== conversationId) return;
  const message = store.versions.first(content.target);
  if (!store.reactions.put({ conversationId, message, author: sender, emoji, sentAt, removed })) return;
  const known = store.messages.find(message);
  if (known?.conversationId === conversationId) touched.message(known.id);
}
