import type { AcceptedContent } from '@sotto/wire/content';
import { disappearingOf } from '../lifetimes.ts';
import type { Received } from '../received.ts';
import { insertNotice } from './notice.ts';

/** Somebody saved a file of ours or took a picture of the conversation (messages §5.14). */
export function takeDataExtraction(content: AcceptedContent & { kind: 'data-extraction' }, received: Received): void {
  const { store, sender, now } = received;
  if (!store.conversations.has(sender)) return;
  const kind = content.what === 'screenshot' ? 'screenshot-taken' : 'media-saved';
  const disappearing = disappearingOf(content.expiry);
  const expiresAt = disappearing && now + disappearing.seconds * 1000;
  insertNotice({ conversationId: sender, kind, disappearing, expiresAt }, received);
}
